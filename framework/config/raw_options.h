#pragma once

#include <string>
#include <utility>
#include <vector>

#include <mixwright/options.h>

// Types of options that the host's own sections have beside those of the SDK: tables whose keys are
// not known, and lists that one string may stand for.

namespace mixwright::config {

/// A table that something else reads.
struct RawTable {
  ConfigValue value;
};

/// A component that is read where more is known about it: a string or a table.
struct RawComponent {
  ConfigValue value;
};

/// A list of tables that something else reads.
struct RawList {
  ConfigValue value;
};

/// One string or several.
struct StringOrList {
  std::vector<std::string> values;
};

/// Strings under names that the user chooses.
struct StringMap {
  std::vector<std::pair<std::string, std::string>> entries;
};

}  // namespace mixwright::config

namespace mixwright::options {

template <>
struct Codec<config::RawTable> {
  static void read(const Reader& r,
                   const FieldBase& f,
                   const ConfigValue& v,
                   config::RawTable& out) {
    if (expect_table(r, f, v)) out.value = v;
  }
  static void describe(OptionSpec& spec) { spec.type = OptionType::kTable; }
  static ConfigValue write(const config::RawTable& value) { return value.value; }
};

template <>
struct Codec<config::RawComponent> {
  static void read(const Reader& r,
                   const FieldBase& f,
                   const ConfigValue& v,
                   config::RawComponent& out) {
    if (v.is_string() || expect_table(r, f, v)) out.value = v;
  }
  static void describe(OptionSpec& spec) { spec.type = OptionType::kTable; }
  static ConfigValue write(const config::RawComponent& value) { return value.value; }
};

template <>
struct Codec<config::RawList> {
  static void read(const Reader& r, const FieldBase& f, const ConfigValue& v, config::RawList& out);
  static void describe(OptionSpec& spec) {
    spec.type = OptionType::kTable;
    spec.is_list = true;
  }
  static ConfigValue write(const config::RawList& value) { return value.value; }
};

template <>
struct Codec<config::StringOrList> {
  static void read(const Reader& r,
                   const FieldBase& f,
                   const ConfigValue& v,
                   config::StringOrList& out) {
    if (v.is_array()) {
      Codec<std::vector<std::string>>::read(r, f, v, out.values);
    } else {
      Codec<std::string>::read(r, f, v, out.values.emplace_back());
    }
  }
  static void describe(OptionSpec& spec) {
    Codec<std::vector<std::string>>::describe(spec);
    spec.is_optional = true;
  }
  static ConfigValue write(const config::StringOrList& value) {
    return value.values.empty() ? ConfigValue()
                                : Codec<std::vector<std::string>>::write(value.values);
  }
};

template <>
struct Codec<config::StringMap> {
  static void read(const Reader& r,
                   const FieldBase& f,
                   const ConfigValue& v,
                   config::StringMap& out);
  static void describe(OptionSpec& spec) { spec.type = OptionType::kTable; }
  static ConfigValue write(const config::StringMap& value);
};

}  // namespace mixwright::options
