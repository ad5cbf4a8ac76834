#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include <mixwright/component.h>
#include <mixwright/option_schema.h>

namespace mixwright::options {

/// What reading one option needs beside its value.
struct MIXWRIGHT_API Reader {
  Diagnostics* diagnostics = nullptr;
  const ComponentChecker* checker = nullptr;  ///< null: nested components are not checked
  std::string owner;                          ///< `token mixer "pooling"`, for errors
  std::string prefix;                         ///< `train.` within a nested table
};

/// Name, bounds and words of one option; the typed part is in Field.
struct FieldBase {
  const char* name = "";
  const char* words = "";
  double low = 0;
  double high = 0;
  bool has_low = false;
  bool has_high = false;
  bool is_odd = false;
  bool is_required = false;
};

/// One declared option: where it is stored and what it may be.
template <class Struct, class T>
struct Field : FieldBase {
  using Value = T;
  T Struct::* member = nullptr;

  constexpr Field at_least(double bound) const {
    Field copy = *this;
    copy.low = bound;
    copy.has_low = true;
    return copy;
  }
  constexpr Field at_most(double bound) const {
    Field copy = *this;
    copy.high = bound;
    copy.has_high = true;
    return copy;
  }
  constexpr Field odd() const {
    Field copy = *this;
    copy.is_odd = true;
    return copy;
  }
  constexpr Field required() const {
    Field copy = *this;
    copy.is_required = true;
    return copy;
  }
  constexpr Field doc(const char* text) const {
    Field copy = *this;
    copy.words = text;
    return copy;
  }
};

template <class Struct, class T>
constexpr Field<Struct, T> field(const char* name, T Struct::* member) {
  Field<Struct, T> result;
  result.name = name;
  result.member = member;
  return result;
}

template <class Enum>
struct Choice {
  const char* name;
  Enum value;
};

template <class Enum>
constexpr Choice<Enum> choice(const char* name, Enum value) {
  return {name, value};
}

template <class T>
concept HasOptions = requires { mixwright_options(static_cast<const T*>(nullptr)); };

template <class T>
concept HasChoices = requires { mixwright_choices(static_cast<const T*>(nullptr)); };

// The untemplated half, compiled once in the SDK's library.
MIXWRIGHT_API void read_bool(const Reader&, const FieldBase&, const ConfigValue&, bool& out);
MIXWRIGHT_API void read_integer(const Reader&, const FieldBase&, const ConfigValue&, int64_t& out);
MIXWRIGHT_API void read_number(const Reader&, const FieldBase&, const ConfigValue&, double& out);
MIXWRIGHT_API void read_string(const Reader&,
                               const FieldBase&,
                               const ConfigValue&,
                               std::string& out);
MIXWRIGHT_API int read_choice(const Reader&,
                              const FieldBase&,
                              const ConfigValue&,
                              const std::vector<std::string>& names);  // -1: refused
MIXWRIGHT_API bool read_layer(const Reader&,
                              const FieldBase&,
                              const ConfigValue&,
                              LayerOption& out);
MIXWRIGHT_API bool expect_table(const Reader&, const FieldBase&, const ConfigValue&);
MIXWRIGHT_API bool expect_array(const Reader&, const FieldBase&, const ConfigValue&);
MIXWRIGHT_API void report_missing(const Reader&, const FieldBase&, const ConfigValue& table);
MIXWRIGHT_API void report_unknown(const Reader&,
                                  const ConfigValue& table,
                                  const std::vector<std::string>& known);
MIXWRIGHT_API OptionSpec base_spec(const FieldBase&);

template <class T>
T read_options(const Reader& reader, const ConfigValue& table);
template <class T>
OptionSchema schema_of();

/// How a type is read from, described in and written to a config.
template <class T>
struct Codec {
  static_assert(HasOptions<T>,
                "this type has no MIXWRIGHT_OPTIONS(Type, field(...), ...) declaration in its own "
                "namespace; an enumeration needs MIXWRIGHT_CHOICES");
  static void read(const Reader& reader, const FieldBase& field, const ConfigValue& value, T& out) {
    if (!expect_table(reader, field, value)) return;
    Reader inner = reader;
    inner.prefix += std::string(field.name) + ".";
    out = read_options<T>(inner, value);
  }
  static void describe(OptionSpec& spec) {
    spec.type = OptionType::kTable;
    spec.fields = schema_of<T>();
  }
  static ConfigValue write(const T& value) {
    ConfigValue table = ConfigValue::table();
    std::apply([&](const auto&... field) { ((write_field(table, field, value)), ...); },
               mixwright_options(static_cast<const T*>(nullptr)));
    return table;
  }
  template <class F>
  static void write_field(ConfigValue& table, const F& field, const T& value) {
    ConfigValue written = Codec<typename F::Value>::write(value.*field.member);
    if (!written.is_nothing()) table.set(field.name, written);
  }
};

template <>
struct Codec<bool> {
  static void read(const Reader& r, const FieldBase& f, const ConfigValue& v, bool& out) {
    read_bool(r, f, v, out);
  }
  static void describe(OptionSpec& spec) { spec.type = OptionType::kBool; }
  static ConfigValue write(bool value) { return value; }
};

template <>
struct Codec<int64_t> {
  static void read(const Reader& r, const FieldBase& f, const ConfigValue& v, int64_t& out) {
    read_integer(r, f, v, out);
  }
  static void describe(OptionSpec& spec) { spec.type = OptionType::kInteger; }
  static ConfigValue write(int64_t value) { return value; }
};

template <>
struct Codec<double> {
  static void read(const Reader& r, const FieldBase& f, const ConfigValue& v, double& out) {
    read_number(r, f, v, out);
  }
  static void describe(OptionSpec& spec) { spec.type = OptionType::kNumber; }
  static ConfigValue write(double value) { return value; }
};

template <>
struct Codec<std::string> {
  static void read(const Reader& r, const FieldBase& f, const ConfigValue& v, std::string& out) {
    read_string(r, f, v, out);
  }
  static void describe(OptionSpec& spec) { spec.type = OptionType::kString; }
  static ConfigValue write(const std::string& value) { return value; }
};

template <>
struct Codec<LayerOption> {
  static void read(const Reader& r, const FieldBase& f, const ConfigValue& v, LayerOption& out) {
    read_layer(r, f, v, out);
  }
  static void describe(OptionSpec& spec) { spec.type = OptionType::kLayer; }
  static ConfigValue write(const LayerOption&) { return {}; }
};

template <class Enum>
  requires HasChoices<Enum>
struct Codec<Enum> {
  static std::vector<std::string> names() {
    std::vector<std::string> result;
    for (const auto& entry : mixwright_choices(static_cast<const Enum*>(nullptr))) {
      result.emplace_back(entry.name);
    }
    return result;
  }
  static void read(const Reader& r, const FieldBase& f, const ConfigValue& v, Enum& out) {
    const int index = read_choice(r, f, v, names());
    if (index >= 0) {
      out = mixwright_choices(static_cast<const Enum*>(nullptr))[static_cast<size_t>(index)].value;
    }
  }
  static void describe(OptionSpec& spec) {
    spec.type = OptionType::kChoice;
    spec.choices = names();
  }
  static ConfigValue write(Enum value) {
    for (const auto& entry : mixwright_choices(static_cast<const Enum*>(nullptr))) {
      if (entry.value == value) return entry.name;
    }
    return {};
  }
};

template <class Kind>
struct Codec<Component<Kind>> {
  static void read(const Reader& r, const FieldBase&, const ConfigValue& v, Component<Kind>& out) {
    if (r.checker != nullptr) r.checker->check(Kind::kKind, v, *r.diagnostics);
    out = Component<Kind>(v);
  }
  static void describe(OptionSpec& spec) {
    spec.type = OptionType::kComponent;
    spec.component_kind = Kind::kKind;
  }
  static ConfigValue write(const Component<Kind>& value) {
    return value ? value.value() : ConfigValue("none");
  }
};

template <class T>
struct Codec<std::optional<T>> {
  static void read(const Reader& r,
                   const FieldBase& f,
                   const ConfigValue& v,
                   std::optional<T>& out) {
    T value{};
    Codec<T>::read(r, f, v, value);
    out = std::move(value);
  }
  static void describe(OptionSpec& spec) {
    Codec<T>::describe(spec);
    spec.is_optional = true;
  }
  static ConfigValue write(const std::optional<T>& value) {
    return value ? Codec<T>::write(*value) : ConfigValue();
  }
};

template <class T>
struct Codec<std::vector<T>> {
  static void read(const Reader& r, const FieldBase& f, const ConfigValue& v, std::vector<T>& out) {
    if (!expect_array(r, f, v)) return;
    out.clear();
    for (const ConfigValue& item : v.as_array()) {
      T value{};
      Codec<T>::read(r, f, item, value);
      out.push_back(std::move(value));
    }
  }
  static void describe(OptionSpec& spec) {
    Codec<T>::describe(spec);
    spec.is_list = true;
  }
  static ConfigValue write(const std::vector<T>& values) {
    ConfigValue array = ConfigValue::array();
    for (const T& value : values) array.as_array().push_back(Codec<T>::write(value));
    return array;
  }
};

template <class T>
struct NamesComponent : std::false_type {};
template <class Kind>
struct NamesComponent<Component<Kind>> : std::true_type {};

/// Reads `table` into a T; what is wrong goes to the reader's diagnostics, all of it.
template <class T>
T read_options(const Reader& reader, const ConfigValue& table) {
  static_assert(
      HasOptions<T>,
      "declare the options of this component: MIXWRIGHT_OPTIONS(Type, field(...), ...) in "
      "the namespace of the type");
  T out{};
  std::vector<std::string> known;
  std::apply(
      [&](const auto&... field) {
        const auto one = [&](const auto& each) {
          using Value = typename std::decay_t<decltype(each)>::Value;
          known.emplace_back(each.name);
          const ConfigValue* value = table.find(each.name);
          if (value != nullptr && !value->is_nothing()) {
            Codec<Value>::read(reader, each, *value, out.*each.member);
          } else if (each.is_required) {
            report_missing(reader, each, table);
          }
          if constexpr (NamesComponent<Value>::value) (out.*each.member).set_name(each.name);
        };
        (one(field), ...);
      },
      mixwright_options(static_cast<const T*>(nullptr)));
  report_unknown(reader, table, known);
  return out;
}

/// The declared options of T with their defaults, as data.
template <class T>
OptionSchema schema_of() {
  OptionSchema schema;
  const T defaults{};
  std::apply(
      [&](const auto&... field) {
        const auto one = [&](const auto& each) {
          using Value = typename std::decay_t<decltype(each)>::Value;
          OptionSpec spec = base_spec(each);
          Codec<Value>::describe(spec);
          if (!each.is_required) spec.default_value = Codec<Value>::write(defaults.*each.member);
          schema.push_back(std::move(spec));
        };
        (one(field), ...);
      },
      mixwright_options(static_cast<const T*>(nullptr)));
  return schema;
}

/// A component without options.
struct NoOptions {};
constexpr auto mixwright_options(const NoOptions*) {
  return std::tuple<>();
}

}  // namespace mixwright::options

namespace mixwright {
using options::NoOptions;
}

/// Declares the options of a struct, in the struct's own namespace:
/// `MIXWRIGHT_OPTIONS(PoolingOptions, field("pool_size", &PoolingOptions::pool_size).at_least(1))`.
#define MIXWRIGHT_OPTIONS(Type, ...)                               \
  [[maybe_unused]] constexpr auto mixwright_options(const Type*) { \
    using ::mixwright::options::field;                             \
    return std::make_tuple(__VA_ARGS__);                           \
  }

/// Declares the words of an enumeration: `MIXWRIGHT_CHOICES(Over, choice("all", Over::kAll), …)`.
#define MIXWRIGHT_CHOICES(Enum, ...)                               \
  [[maybe_unused]] constexpr auto mixwright_choices(const Enum*) { \
    using ::mixwright::options::choice;                            \
    return std::array{__VA_ARGS__};                                \
  }
