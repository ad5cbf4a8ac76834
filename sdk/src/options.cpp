#include <algorithm>
#include <cmath>

#include <mixwright/options.h>
#include <mixwright/plugin.h>

namespace mixwright {

ComponentChecker::~ComponentChecker() = default;

const std::vector<std::string>& layer_kinds() {
  static const std::vector<std::string> kKinds = {"embedding",
                                                  "token_mixer",
                                                  "channel_mixer",
                                                  "normalization",
                                                  "activation",
                                                  "projection",
                                                  "block"};
  return kKinds;
}

std::string kind_words(std::string_view kind) {
  std::string result(kind);
  std::replace(result.begin(), result.end(), '_', ' ');
  return result;
}

std::string kind_of_key(std::string_view key) {
  return std::string(key == "norm" ? "normalization" : key);
}

std::string key_of_kind(std::string_view kind) {
  return std::string(kind == "normalization" ? "norm" : kind);
}

namespace {

std::string bound_text(double bound) {
  return ConfigValue(std::floor(bound) == bound && std::abs(bound) < 1e15
                         ? ConfigValue(static_cast<int64_t>(bound))
                         : ConfigValue(bound))
      .toml();
}

}  // namespace

std::string OptionSpec::type_text() const {
  std::string text;
  switch (type) {
    case OptionType::kBool:
      text = "true or false";
      break;
    case OptionType::kInteger:
      text = "integer";
      break;
    case OptionType::kNumber:
      text = "number";
      break;
    case OptionType::kString:
      text = "string";
      break;
    case OptionType::kChoice:
      text = "one of ";
      for (const std::string& choice : choices) {
        text += (&choice == &choices.front() ? "\"" : ", \"") + choice + "\"";
      }
      break;
    case OptionType::kComponent:
      text = kind_words(component_kind);
      break;
    case OptionType::kLayer:
      text = "layer { kind = component }";
      break;
    case OptionType::kTable:
      text = "table";
      break;
  }
  if (at_least && at_most) {
    text += " from " + bound_text(*at_least) + " to " + bound_text(*at_most);
  } else if (at_least) {
    text += " >= " + bound_text(*at_least);
  } else if (at_most) {
    text += " <= " + bound_text(*at_most);
  }
  if (odd) text += ", odd";
  if (type != OptionType::kChoice) {
    for (const std::string& word : choices) text += " or \"" + word + "\"";
  }
  return is_list ? "list of: " + text : text;
}

namespace options {

namespace {

std::string full_name(const Reader& reader, const FieldBase& field) {
  return reader.prefix + field.name;
}

std::string of_owner(const Reader& reader) {
  return reader.owner.empty() ? "" : " of " + reader.owner;
}

void refuse(const Reader& reader,
            const FieldBase& field,
            const ConfigValue& value,
            const std::string& expected) {
  reader.diagnostics->error(value.location(),
                            full_name(reader, field) + of_owner(reader) + ": " + expected +
                                " expected, " + value.described() + " found");
}

void out_of_range(const Reader& reader,
                  const FieldBase& field,
                  const ConfigValue& value,
                  const std::string& rule) {
  reader.diagnostics->error(
      value.location(),
      full_name(reader, field) + " = " + value.toml() + of_owner(reader) + ": must be " + rule);
}

bool within_bounds(const Reader& reader, const FieldBase& field, const ConfigValue& value) {
  const double number = value.as_number();
  if (!std::isfinite(number)) {
    out_of_range(reader, field, value, "a finite number");
    return false;
  }
  const bool low = field.has_low && number < field.low;
  const bool high = field.has_high && number > field.high;
  if (!low && !high) return true;
  std::string rule;
  if (field.has_low && field.has_high) {
    rule = "from " + bound_text(field.low) + " to " + bound_text(field.high);
  } else if (field.has_low) {
    rule = "at least " + bound_text(field.low);
  } else {
    rule = "at most " + bound_text(field.high);
  }
  out_of_range(reader, field, value, rule);
  return false;
}

}  // namespace

void read_bool(const Reader& reader, const FieldBase& field, const ConfigValue& value, bool& out) {
  if (!value.is_bool()) return refuse(reader, field, value, "true or false");
  out = value.as_bool();
}

void read_integer(const Reader& reader,
                  const FieldBase& field,
                  const ConfigValue& value,
                  int64_t& out) {
  if (!value.is_integer()) return refuse(reader, field, value, "an integer");
  if (!within_bounds(reader, field, value)) return;
  const int64_t number = value.as_integer();
  if (field.is_odd && number % 2 == 0) {
    return out_of_range(
        reader,
        field,
        value,
        "odd; nearest are " + std::to_string(number - 1) + " and " + std::to_string(number + 1));
  }
  out = number;
}

void read_number(const Reader& reader,
                 const FieldBase& field,
                 const ConfigValue& value,
                 double& out) {
  if (!value.is_number()) return refuse(reader, field, value, "a number");
  if (within_bounds(reader, field, value)) out = value.as_number();
}

void read_string(const Reader& reader,
                 const FieldBase& field,
                 const ConfigValue& value,
                 std::string& out) {
  if (!value.is_string()) return refuse(reader, field, value, "a string");
  out = value.as_string();
}

int read_choice(const Reader& reader,
                const FieldBase& field,
                const ConfigValue& value,
                const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "\"" : ", \"") + name + "\"";
  if (!value.is_string()) {
    refuse(reader, field, value, "one of " + all);
    return -1;
  }
  const auto found = std::find(names.begin(), names.end(), value.as_string());
  if (found == names.end()) {
    out_of_range(reader, field, value, "one of " + all + did_you_mean(value.as_string(), names));
    return -1;
  }
  return static_cast<int>(found - names.begin());
}

bool read_layer(const Reader& reader,
                const FieldBase& field,
                const ConfigValue& value,
                LayerOption& out) {
  if (value.is_string() && value.as_string() == "none") {
    out = LayerOption("none", value);
    return true;
  }
  static const std::vector<std::string> kKeys = [] {
    std::vector<std::string> keys;
    for (const std::string& kind : layer_kinds()) keys.push_back(key_of_kind(kind));
    return keys;
  }();
  if (!value.is_table() || value.as_table().size() != 1) {
    refuse(reader, field, value, "a layer, a one-key table such as { norm = \"batch_norm\" },");
    return false;
  }
  const ConfigValue::Entry& entry = value.as_table().front();
  const std::string key = key_of_kind(entry.key);
  if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) {
    std::string all;
    for (const std::string& known : kKeys) all += (all.empty() ? "" : ", ") + known;
    const bool is_near = !nearest(entry.key, kKeys).empty();
    reader.diagnostics->error(
        entry.key_location,
        "\"" + entry.key + "\" is no kind of layer" +
            (is_near ? did_you_mean(entry.key, kKeys) : "; a layer is one of " + all));
    return false;
  }
  const std::string kind = kind_of_key(entry.key);
  if (reader.checker != nullptr) reader.checker->check(kind, entry.value, *reader.diagnostics);
  out = LayerOption(kind, entry.value);
  return true;
}

bool expect_table(const Reader& reader, const FieldBase& field, const ConfigValue& value) {
  if (!value.is_table()) refuse(reader, field, value, "a table");
  return value.is_table();
}

bool expect_array(const Reader& reader, const FieldBase& field, const ConfigValue& value) {
  if (!value.is_array()) refuse(reader, field, value, "a list");
  return value.is_array();
}

void report_missing(const Reader& reader, const FieldBase& field, const ConfigValue& table) {
  reader.diagnostics->error(table.location(),
                            "option \"" + full_name(reader, field) + "\"" + of_owner(reader) +
                                " is required and missing");
}

void report_unknown(const Reader& reader,
                    const ConfigValue& table,
                    const std::vector<std::string>& known) {
  if (!table.is_table()) return;
  for (const ConfigValue::Entry& entry : table.as_table()) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    std::string hint = did_you_mean(entry.key, known);
    if (hint.empty()) {
      hint = known.empty() ? "; it has no options" : "; it has";
      for (const std::string& name : known) hint += (&name == &known.front() ? " " : ", ") + name;
    }
    reader.diagnostics->error(
        entry.key_location,
        "unknown option \"" + reader.prefix + entry.key + "\"" + of_owner(reader) + hint);
  }
}

OptionSpec base_spec(const FieldBase& field) {
  OptionSpec spec;
  spec.name = field.name;
  spec.doc = field.words;
  spec.required = field.is_required;
  if (field.has_low) spec.at_least = field.low;
  if (field.has_high) spec.at_most = field.high;
  spec.odd = field.is_odd;
  return spec;
}

}  // namespace options

namespace registration {

std::string owner_words(const char* kind, const char* name) {
  return kind_words(kind) + " \"" + name + "\"";
}

ConfigValue take(ConfigValue& table, const OptionSchema& schema) {
  ConfigValue taken = ConfigValue::table();
  taken.at(table.location());
  for (const OptionSpec& spec : schema) {
    if (const ConfigValue::Entry* entry = table.find_entry(spec.name)) {
      taken.set(entry->key, entry->value, entry->key_location);
      table.erase(spec.name);
    }
  }
  return taken;
}

}  // namespace registration
}  // namespace mixwright
