#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <mixwright/config_value.h>

namespace mixwright {

namespace {

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        result += "\\\"";
        break;
      case '\\':
        result += "\\\\";
        break;
      case '\n':
        result += "\\n";
        break;
      case '\t':
        result += "\\t";
        break;
      case '\r':
        result += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          char escape[8];
          std::snprintf(escape, sizeof escape, "\\u%04X", static_cast<unsigned>(c));
          result += escape;
        } else {
          result += c;
        }
    }
  }
  return result + "\"";
}

/// The shortest decimal that reads back as the same double, with a point or an exponent.
std::string number_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char text[40];
  for (int digits = 1; digits <= 17; ++digits) {
    std::snprintf(text, sizeof text, "%.*g", digits, value);
    if (std::strtod(text, nullptr) == value) break;
  }
  std::string result = text;
  if (result.find_first_of(".e") == std::string::npos) result += ".0";
  return result;
}

std::string key_text(const std::string& key) {
  const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-';
  });
  return bare ? key : quoted(key);
}

}  // namespace

// Out of line, since a table's entries hold ConfigValues themselves.
ConfigValue::ConfigValue() = default;
ConfigValue::ConfigValue(bool value) : data_(value) {}
ConfigValue::ConfigValue(int value) : data_(int64_t{value}) {}
ConfigValue::ConfigValue(int64_t value) : data_(value) {}
ConfigValue::ConfigValue(double value) : data_(value) {}
ConfigValue::ConfigValue(const char* value) : data_(std::string(value)) {}
ConfigValue::ConfigValue(std::string value) : data_(std::move(value)) {}
ConfigValue::ConfigValue(Array value) : data_(std::move(value)) {}
ConfigValue::ConfigValue(Table value) : data_(std::move(value)) {}
ConfigValue::ConfigValue(const ConfigValue&) = default;
ConfigValue::ConfigValue(ConfigValue&&) noexcept = default;
ConfigValue& ConfigValue::operator=(const ConfigValue&) = default;
ConfigValue& ConfigValue::operator=(ConfigValue&&) noexcept = default;
ConfigValue::~ConfigValue() = default;

ConfigValue& ConfigValue::at(SourceLocation location) {
  location_ = std::move(location);
  return *this;
}

ConfigValue ConfigValue::table() {
  return ConfigValue(Table{});
}
ConfigValue ConfigValue::array() {
  return ConfigValue(Array{});
}

double ConfigValue::as_number() const {
  return is_integer() ? static_cast<double>(as_integer()) : std::get<double>(data_);
}

std::string ConfigValue::described() const {
  if (is_nothing()) return "nothing";
  if (is_bool()) return as_bool() ? "the boolean true" : "the boolean false";
  if (is_integer()) return "the integer " + toml();
  if (is_float()) return "the number " + toml();
  if (is_string()) return "the string " + toml();
  return is_array() ? "a list" : "a table";
}

std::string ConfigValue::toml() const {
  if (is_bool()) return as_bool() ? "true" : "false";
  if (is_integer()) return std::to_string(as_integer());
  if (is_float()) return number_text(as_number());
  if (is_string()) return quoted(as_string());
  if (is_array()) {
    std::string result = "[";
    for (const ConfigValue& item : as_array()) {
      result += (result.size() > 1 ? ", " : "") + item.toml();
    }
    return result + "]";
  }
  if (is_table()) {
    if (as_table().empty()) return "{}";
    std::string result = "{ ";
    for (const Entry& entry : as_table()) {
      result += (result.size() > 2 ? ", " : "") + key_text(entry.key) + " = " + entry.value.toml();
    }
    return result + " }";
  }
  return "";
}

const ConfigValue::Entry* ConfigValue::find_entry(std::string_view key) const {
  if (!is_table()) return nullptr;
  const Table& entries = as_table();
  const auto found = std::find_if(
      entries.begin(), entries.end(), [&](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

const ConfigValue* ConfigValue::find(std::string_view key) const {
  const Entry* entry = find_entry(key);
  return entry == nullptr ? nullptr : &entry->value;
}

ConfigValue* ConfigValue::find(std::string_view key) {
  return const_cast<ConfigValue*>(static_cast<const ConfigValue*>(this)->find(key));
}

ConfigValue& ConfigValue::set(std::string key, ConfigValue value, SourceLocation key_location) {
  if (is_nothing()) data_ = Table{};
  if (ConfigValue* existing = find(key)) {
    *existing = std::move(value);
    return *existing;
  }
  as_table().push_back({std::move(key), std::move(key_location), std::move(value)});
  return as_table().back().value;
}

void ConfigValue::erase(std::string_view key) {
  if (!is_table()) return;
  std::erase_if(as_table(), [&](const Entry& entry) { return entry.key == key; });
}

std::vector<std::string> ConfigValue::keys() const {
  std::vector<std::string> result;
  if (is_table()) {
    for (const Entry& entry : as_table()) result.push_back(entry.key);
  }
  return result;
}

}  // namespace mixwright
