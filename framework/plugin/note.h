#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mixwright::plugin {

/// One component as a plugin's note tells it.
struct ComponentFact {
  std::string kind;
  std::string name;
  int32_t revision = 1;
  uint32_t needs = 0;  ///< bits of mixwright::Needs
  int32_t lowest_rank = 1;
  int32_t highest_rank = 3;
  std::string summary;
  std::string source;
};

/// What a plugin says about itself in its ELF note, read without running its code.
struct PluginNote {
  int64_t sdk_abi = 0;
  std::string libtorch;
  std::string standard_library;
  std::string library_abi;
  std::string sanitizer;
  std::string compiler;
  std::string assertions;

  std::string name;
  std::string version;
  std::string license;
  std::string authors;
  std::string url;
  std::vector<ComponentFact> components;

  std::string text;  ///< the note as it stands, which the descriptor's stamp must repeat
};

/// Reads the text of a note (format: <mixwright/plugin_note.h>). A note of another `sdk_abi` is
/// read as far as it is understood. Keys that are not known are skipped.
/// Throws: UsageError with the reason alone, without the file's name.
PluginNote parse_note(std::string_view text, int64_t known_sdk_abi);

/// `fixed token count, causal`: the bits of ComponentFact::needs in words, "" for none.
std::string needs_text(uint32_t needs);
/// `fixed_tokens`, `causal`, `structure`: the same as keys.
std::vector<std::string> needs_keys(uint32_t needs);
/// `1`, `2 to 3`: the grid ranks.
std::string rank_text(const ComponentFact& component);

}  // namespace mixwright::plugin
