#pragma once

// The constant half of a plugin: descriptor and ELF note. Included by <mixwright/plugin.h>.

#include <array>
#include <cstdint>
#include <type_traits>

#include <mixwright/stamp.h>

namespace mixwright::registration {

/// Components and facts of MIXWRIGHT_PLUGIN's list, sorted apart.
template <size_t Components, size_t Facts>
struct Items {
  std::array<ComponentEntry, Components> components{};
  std::array<PluginFact, Facts + 1> facts{};  // one more, since an array may not be empty
  static constexpr size_t kFacts = Facts;
};

template <class... T>
constexpr auto collect(const T&... item) {
  constexpr size_t kComponents = (size_t{std::is_same_v<T, ComponentEntry>} + ... + 0);
  static_assert(kComponents > 0, "a plugin offers at least one component");
  Items<kComponents, sizeof...(T) - kComponents> result;
  size_t component = 0;
  size_t fact = 0;
  const auto put = [&](const auto& one) {
    if constexpr (std::is_same_v<std::decay_t<decltype(one)>, ComponentEntry>) {
      result.components[component++] = one;
    } else {
      result.facts[fact++] = one;
    }
  };
  (put(item), ...);
  return result;
}

struct PluginTitle {
  const char* name;
  const char* version;
  const char* license;
};

/// Writes text, or only counts it where there is nowhere to write.
struct NoteWriter {
  char* out = nullptr;
  size_t length = 0;

  constexpr void put(char c) {
    if (out != nullptr) out[length] = c;
    ++length;
  }
  constexpr void put(std::string_view text) {
    for (const char c : text) put(c == '\n' || c == '\t' ? ' ' : c);
  }
  constexpr void put_number(uint32_t value) {
    char digits[10] = {};
    int count = 0;
    do {
      digits[count++] = static_cast<char>('0' + value % 10);
      value /= 10;
    } while (value != 0);
    while (count > 0) put(digits[--count]);
  }
  constexpr void line(std::string_view key, std::string_view value) {
    put(key);
    put('=');
    put(value);
    put('\n');
  }
  constexpr void field(std::string_view value) {
    put('\t');
    put(value);
  }
};

/// The stamp's text: `key=value` lines, then one line for each component with its facts behind
/// tabs: kind, name, revision, needs, lowest and highest rank, summary, source.
template <class I>
constexpr size_t write_note(const PluginTitle& title, const I& items, char* out) {
  NoteWriter w{out, 0};
  w.put("sdk_abi=");
  w.put_number(MIXWRIGHT_SDK_ABI);
  w.put('\n');
  w.line("libtorch", stamp::kLibTorch);
  w.line("standard_library", stamp::kStandardLibrary);
  w.line("library_abi", stamp::kLibraryAbi);
  w.line("sanitizer", stamp::kSanitizer);
  w.line("compiler", stamp::kCompiler);
  w.line("assertions", stamp::kAssertions);
  w.line("name", title.name);
  w.line("version", title.version);
  w.line("license", title.license);
  for (size_t i = 0; i < I::kFacts; ++i) w.line(items.facts[i].key, items.facts[i].text);
  for (const ComponentEntry& component : items.components) {
    w.put("component=");
    w.put(component.kind);
    w.field(component.name);
    w.put('\t');
    w.put_number(static_cast<uint32_t>(component.component_revision));
    w.put('\t');
    w.put_number(component.need_bits);
    w.put('\t');
    w.put_number(static_cast<uint32_t>(component.lowest_rank));
    w.put('\t');
    w.put_number(static_cast<uint32_t>(component.highest_rank));
    w.field(component.summary);
    w.field(component.source);
    w.put('\n');
  }
  w.put('\0');
  return w.length;
}

inline constexpr uint32_t kNoteType = 1;
inline constexpr char kNoteOwner[12] = "Mixwright";  // padded to four bytes, 10 of them counted

/// An ELF note: sizes, type, owner, text.
template <size_t Length>
struct Note {
  uint32_t owner_size = 10;
  uint32_t text_size = Length;
  uint32_t type = kNoteType;
  char owner[12] = {};
  char text[(Length + 3) / 4 * 4] = {};
};

template <size_t Length, class I>
constexpr Note<Length> make_note(const PluginTitle& title, const I& items) {
  Note<Length> note;
  for (size_t i = 0; i < sizeof kNoteOwner; ++i) note.owner[i] = kNoteOwner[i];
  write_note(title, items, note.text);
  return note;
}

}  // namespace mixwright::registration

// `retain` keeps the note from the linker's gc-sections, `aligned(4)` from a padded layout.
#define MIXWRIGHT_NOTE_ATTRIBUTES \
  __attribute__((section(".note.mixwright"), aligned(4), used, retain))

/// Makes a shared library a plugin: name, version, SPDX licence, then its components.
#define MIXWRIGHT_PLUGIN(plugin_name, plugin_version, plugin_license, ...)                   \
  namespace mixwright_plugin_constants {                                                     \
  constexpr ::mixwright::registration::PluginTitle kTitle{                                   \
      plugin_name, plugin_version, plugin_license};                                          \
  constexpr auto kItems = [] {                                                               \
    using namespace ::mixwright::registration;                                               \
    return collect(__VA_ARGS__);                                                             \
  }();                                                                                       \
  constexpr size_t kLength = ::mixwright::registration::write_note(kTitle, kItems, nullptr); \
  MIXWRIGHT_NOTE_ATTRIBUTES static constinit const ::mixwright::registration::Note<kLength>  \
      kNote = ::mixwright::registration::make_note<kLength>(kTitle, kItems);                 \
  }                                                                                          \
  extern "C" MIXWRIGHT_API const ::mixwright::PluginDescriptor MIXWRIGHT_DESCRIPTOR;         \
  constinit const ::mixwright::PluginDescriptor MIXWRIGHT_DESCRIPTOR = {                     \
      MIXWRIGHT_SDK_ABI,                                                                     \
      static_cast<int32_t>(mixwright_plugin_constants::kItems.components.size()),            \
      mixwright_plugin_constants::kNote.text,                                                \
      mixwright_plugin_constants::kItems.components.data()};
