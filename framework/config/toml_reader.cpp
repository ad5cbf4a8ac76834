#include "framework/config/toml_reader.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <limits>
#include <utility>

#include <toml++/toml.h>

#include "framework/config/toml_guard.h"
#include "framework/io/text.h"

namespace mixwright::config {

namespace {

SourceLocation place_of(const toml::source_region& region, const std::string& file) {
  return {file, static_cast<int>(region.begin.line), static_cast<int>(region.begin.column)};
}

[[noreturn]] void refuse(const SourceLocation& location, const std::string& message) {
  throw UsageError(Diagnostics::Entry{location, message}.text());
}

/// Turns toml++'s tree, whose tables are sorted by name, into ours.
class Converter {
 public:
  explicit Converter(std::string file) : file_(std::move(file)) {}

  ConfigValue convert(const toml::node& node, int depth) const {
    const SourceLocation location = place_of(node.source(), file_);
    if (depth > kMaxDepth) refuse(location, too_deep_message());
    switch (node.type()) {
      case toml::node_type::table:
        return table(*node.as_table(), depth).at(location);
      case toml::node_type::array:
        return array(*node.as_array(), depth).at(location);
      case toml::node_type::string:
        return ConfigValue(std::string(node.as_string()->get())).at(location);
      case toml::node_type::integer:
        return ConfigValue(node.as_integer()->get()).at(location);
      case toml::node_type::floating_point:
        return ConfigValue(node.as_floating_point()->get()).at(location);
      case toml::node_type::boolean:
        return ConfigValue(node.as_boolean()->get()).at(location);
      default:
        refuse(location, "a date or time is no value of a config; write it as a string, in quotes");
    }
  }

 private:
  ConfigValue table(const toml::table& source, int depth) const {
    if (source.size() > kMaxKeys) {
      refuse(place_of(source.source(), file_),
             "a table of " + std::to_string(source.size()) + " keys; at most " +
                 std::to_string(kMaxKeys) + " are read");
    }
    ConfigValue::Table entries;
    entries.reserve(source.size());
    for (const auto& [key, node] : source) {
      entries.push_back(
          {std::string(key.str()), place_of(key.source(), file_), convert(node, depth + 1)});
    }
    std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
      return std::pair(a.key_location.line, a.key_location.column) <
             std::pair(b.key_location.line, b.key_location.column);
    });
    return ConfigValue(std::move(entries));
  }

  ConfigValue array(const toml::array& source, int depth) const {
    ConfigValue::Array items;
    items.reserve(source.size());
    for (const toml::node& node : source) items.push_back(convert(node, depth + 1));
    return ConfigValue(std::move(items));
  }

  std::string file_;
};

/// The parser's words as the middle of a line of ours.
std::string words_of(const toml::parse_error& error) {
  std::string words(error.description());
  constexpr std::string_view kPrefix = "Error while ";
  if (words.starts_with(kPrefix)) words.erase(0, kPrefix.size());
  for (char& c : words) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return "no valid TOML: " + words;
}

/// Parses after the checks that toml++ leaves out. Throws through `fail(position, message)`.
template <class Fail>
toml::table parse_guarded(std::string_view text, const Fail& fail) {
  if (text.size() > kMaxFileBytes) {
    fail(TextPosition{1, 1},
         std::to_string(text.size()) + " bytes; at most " + std::to_string(kMaxFileBytes) +
             " are read");
  }
  if (const auto objection = objection_to(text)) fail(objection->position, objection->message);
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    const auto& begin = error.source().begin;
    fail(inside(text, static_cast<int>(begin.line), static_cast<int>(begin.column)),
         words_of(error));
  } catch (const std::exception&) {
    // toml++ 3.3 fails so (absurd allocations) while it words some errors; the text itself, at most
    // kMaxFileBytes, needs no such memory.
    fail(TextPosition{1, 1}, "no valid TOML, and the parser cannot say where");
  }
  return {};
}

/// Every value of a tree at one place.
void relocate(ConfigValue& value, const SourceLocation& location) {
  value.at(location);
  if (value.is_array()) {
    for (ConfigValue& item : value.as_array()) relocate(item, location);
  } else if (value.is_table()) {
    for (ConfigValue::Entry& entry : value.as_table()) {
      entry.key_location = location;
      relocate(entry.value, location);
    }
  }
}

}  // namespace

ConfigValue parse_toml(std::string_view text, const std::string& name) {
  const toml::table table =
      parse_guarded(text, [&](const TextPosition& position, const std::string& message) {
        refuse({name, position.line, position.column}, message);
      });
  return Converter(name).convert(table, 0);
}

ConfigValue read_toml_file(const std::string& path) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) {
    throw UsageError(path + ": a folder; a config is a TOML file");
  }
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw UsageError(path + ": cannot be opened: " + io::errno_text(errno));
  std::string text(kMaxFileBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) throw UsageError(path + ": cannot be read: " + io::errno_text(errno));
  text.resize(static_cast<size_t>(stream.gcount()));
  if (text.size() > kMaxFileBytes) {
    throw UsageError(path + ": more than " + std::to_string(kMaxFileBytes) +
                     " bytes; that is no config");
  }
  return parse_toml(text, path);
}

ConfigValue parse_toml_value(std::string_view text, const SourceLocation& location) {
  // Within an inline table a comment, a second key or a line of its own cannot slip in behind the
  // value: each leaves the table unclosed or with another shape.
  constexpr int kMaxLine = std::numeric_limits<int>::max();
  const std::string document = "v = { x = " + std::string(text) + " }";
  const toml::table table = parse_guarded(
      document,
      [&](const TextPosition&, const std::string& message) { throw UsageError(message); });
  const toml::table* wrapped = table["v"].as_table();
  const toml::node* node = wrapped == nullptr ? nullptr : wrapped->get("x");
  const TextPosition end = inside(document, kMaxLine, kMaxLine);
  const bool whole = node != nullptr && table.size() == 1 && wrapped->size() == 1 &&
                     static_cast<int>(wrapped->source().end.line) == end.line &&
                     static_cast<int>(wrapped->source().end.column) == end.column;
  if (!whole) throw UsageError("no valid TOML: one value expected");
  ConfigValue value = Converter("").convert(*node, 0);
  relocate(value, location);
  return value;
}

}  // namespace mixwright::config
