#include "framework/plugin/note.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <mixwright/error.h>
#include <mixwright/plugin.h>

#include "framework/io/text.h"

namespace mixwright::plugin {

namespace {

[[noreturn]] void malformed(const std::string& what) {
  throw UsageError("its note is malformed: " + what +
                   "; rebuild it with MIXWRIGHT_PLUGIN of the SDK of this installation");
}

int64_t read_number(std::string_view text, const std::string& what) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    malformed(what + " is " + io::in_quotes(text) + ", a number expected");
  }
  return value;
}

/// Names stand in configs and messages, so they hold nothing that could be read as syntax there.
void check_name(const std::string& name, const std::string& what) {
  const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
  if (name.empty() || name.size() > 100 || !plain) {
    malformed(what + " is " + io::in_quotes(name) +
              ", 1 to 100 letters, digits, \"_\", \"-\" and \".\" expected");
  }
}

ComponentFact read_component(std::string_view line) {
  std::array<std::string_view, 8> fields;
  for (size_t i = 0; i < fields.size(); ++i) {
    const size_t tab = line.find('\t');
    if ((tab == std::string_view::npos) != (i + 1 == fields.size())) {
      malformed("a component has another number of fields than " + std::to_string(fields.size()));
    }
    fields[i] = line.substr(0, tab);
    if (tab != std::string_view::npos) line.remove_prefix(tab + 1);
  }
  ComponentFact fact;
  fact.kind = fields[0];
  fact.name = fields[1];
  fact.revision = static_cast<int32_t>(read_number(fields[2], "a revision"));
  fact.needs = static_cast<uint32_t>(read_number(fields[3], "a component's needs"));
  fact.lowest_rank = static_cast<int32_t>(read_number(fields[4], "a lowest rank"));
  fact.highest_rank = static_cast<int32_t>(read_number(fields[5], "a highest rank"));
  fact.summary = fields[6];
  fact.source = fields[7];
  check_name(fact.kind, "a component's kind");
  check_name(fact.name, "a component's name");
  return fact;
}

void check_text(std::string_view text) {
  if (io::find_invalid_utf8(text) != std::string_view::npos) malformed("it is no UTF-8 text");
  // Escape sequences would reach the terminal of whoever lists the plugins.
  const bool controls = std::any_of(text.begin(), text.end(), [](unsigned char c) {
    return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7F;
  });
  if (controls) malformed("it holds control characters");
}

std::string* text_field(PluginNote& note, std::string_view key) {
  const std::pair<std::string_view, std::string*> fields[] = {
      {"libtorch", &note.libtorch},
      {"standard_library", &note.standard_library},
      {"library_abi", &note.library_abi},
      {"sanitizer", &note.sanitizer},
      {"compiler", &note.compiler},
      {"assertions", &note.assertions},
      {"name", &note.name},
      {"version", &note.version},
      {"license", &note.license},
      {"authors", &note.authors},
      {"url", &note.url},
  };
  for (const auto& [name, field] : fields) {
    if (name == key) return field;
  }
  return nullptr;
}

void check_no_twins(const PluginNote& note) {
  for (size_t i = 0; i < note.components.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const ComponentFact& a = note.components[i];
      const ComponentFact& b = note.components[j];
      if (a.kind == b.kind && a.name == b.name) {
        throw UsageError("offers the " + kind_words(a.kind) + " \"" + a.name +
                         "\" twice; give one of them another name");
      }
    }
  }
}

}  // namespace

PluginNote parse_note(std::string_view text, int64_t known_sdk_abi) {
  check_text(text);
  PluginNote note;
  note.text = text;
  std::vector<std::string_view> components;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) malformed("no key in " + io::in_quotes(line));
    const std::string_view key = line.substr(0, equals);
    const std::string_view value = line.substr(equals + 1);
    if (key == "sdk_abi") {
      note.sdk_abi = read_number(value, "sdk_abi");
    } else if (key == "component") {
      components.push_back(value);
    } else if (std::string* field = text_field(note, key)) {
      *field = value;
    }
  }
  if (note.sdk_abi <= 0) malformed("sdk_abi is missing");
  if (note.sdk_abi != known_sdk_abi) return note;  // its components may be written otherwise

  check_name(note.name, "the plugin's name");
  for (const std::string_view line : components) note.components.push_back(read_component(line));
  if (note.components.empty()) malformed("it lists no components");
  check_no_twins(note);
  return note;
}

std::vector<std::string> needs_keys(uint32_t needs) {
  std::vector<std::string> keys;
  if ((needs & kFixedTokens) != 0) keys.emplace_back("fixed_tokens");
  if ((needs & kCausal) != 0) keys.emplace_back("causal");
  if ((needs & kStructure) != 0) keys.emplace_back("structure");
  return keys;
}

std::string needs_text(uint32_t needs) {
  std::string text;
  for (std::string word : needs_keys(needs)) {
    std::replace(word.begin(), word.end(), '_', ' ');
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

std::string rank_text(const ComponentFact& component) {
  std::string lowest = std::to_string(component.lowest_rank);
  if (component.lowest_rank == component.highest_rank) return lowest;
  return lowest + " to " + std::to_string(component.highest_rank);
}

}  // namespace mixwright::plugin
