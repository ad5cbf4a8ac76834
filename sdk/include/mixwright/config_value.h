#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <mixwright/error.h>

namespace mixwright {

/// One value of a config with the place where it was written: a tree of tables, arrays and
/// scalars. It crosses the plugin boundary, so that a plugin needs no TOML library.
class MIXWRIGHT_API ConfigValue {
 public:
  struct Entry;
  using Array = std::vector<ConfigValue>;
  using Table = std::vector<Entry>;  // in the order of the file

  ConfigValue();  ///< "nothing": the option is not given
  ConfigValue(bool value);
  ConfigValue(int value);
  ConfigValue(int64_t value);
  ConfigValue(double value);
  ConfigValue(const char* value);
  ConfigValue(std::string value);
  ConfigValue(Array value);
  ConfigValue(Table value);
  ConfigValue(const ConfigValue&);
  ConfigValue(ConfigValue&&) noexcept;
  ConfigValue& operator=(const ConfigValue&);
  ConfigValue& operator=(ConfigValue&&) noexcept;
  ~ConfigValue();

  static ConfigValue table();
  static ConfigValue array();

  bool is_nothing() const { return std::holds_alternative<std::monostate>(data_); }
  bool is_bool() const { return std::holds_alternative<bool>(data_); }
  bool is_integer() const { return std::holds_alternative<int64_t>(data_); }
  bool is_float() const { return std::holds_alternative<double>(data_); }
  bool is_number() const { return is_integer() || is_float(); }
  bool is_string() const { return std::holds_alternative<std::string>(data_); }
  bool is_array() const { return std::holds_alternative<Array>(data_); }
  bool is_table() const { return std::holds_alternative<Table>(data_); }

  bool as_bool() const { return std::get<bool>(data_); }
  int64_t as_integer() const { return std::get<int64_t>(data_); }
  double as_number() const;
  const std::string& as_string() const { return std::get<std::string>(data_); }
  const Array& as_array() const { return std::get<Array>(data_); }
  Array& as_array() { return std::get<Array>(data_); }
  const Table& as_table() const { return std::get<Table>(data_); }
  Table& as_table() { return std::get<Table>(data_); }

  /// What this is, in the words of an error: `the string "a"`, `the integer 3`, `a table`.
  std::string described() const;
  /// The value as TOML on one line.
  std::string toml() const;

  /// A table's entry, or null where the key is missing or this is no table.
  const ConfigValue* find(std::string_view key) const;
  ConfigValue* find(std::string_view key);
  const Entry* find_entry(std::string_view key) const;
  /// Sets or replaces a key of a table (which "nothing" becomes).
  ConfigValue& set(std::string key, ConfigValue value, SourceLocation key_location = {});
  void erase(std::string_view key);
  std::vector<std::string> keys() const;

  const SourceLocation& location() const { return location_; }
  ConfigValue& at(SourceLocation location);

 private:
  std::variant<std::monostate, bool, int64_t, double, std::string, Array, Table> data_;
  SourceLocation location_;
};

/// A key of a table with its value.
struct ConfigValue::Entry {
  std::string key;
  SourceLocation key_location;
  ConfigValue value;
};

}  // namespace mixwright
