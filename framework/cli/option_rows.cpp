#include "framework/cli/option_rows.h"

#include <utility>

namespace mixwright::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string default_text(const OptionSpec& spec) {
  if (spec.required) return "required";
  if (spec.default_value.is_nothing()) return "not given";
  return spec.default_value.toml();
}

void add_rows(const OptionSchema& schema,
              const std::string& prefix,
              std::vector<std::vector<std::string>>& rows) {
  for (const OptionSpec& spec : schema) {
    const bool is_plain_table = spec.type == OptionType::kTable && !spec.is_list;
    rows.push_back({prefix + spec.name,
                    spec.type_text(),
                    is_plain_table && !spec.required ? "" : default_text(spec),
                    spec.doc});
    if (spec.type == OptionType::kTable) {
      add_rows(spec.fields, prefix + spec.name + (spec.is_list ? "[]." : "."), rows);
    }
  }
}

Json value_json(const ConfigValue& value) {
  if (value.is_nothing()) return nullptr;
  if (value.is_bool()) return value.as_bool();
  if (value.is_integer()) return value.as_integer();
  if (value.is_float()) return value.as_number();
  if (value.is_string()) return value.as_string();
  if (value.is_array()) {
    Json list = Json::array();
    for (const ConfigValue& item : value.as_array()) list.push_back(value_json(item));
    return list;
  }
  Json table = Json::object();
  for (const ConfigValue::Entry& entry : value.as_table()) {
    table[entry.key] = value_json(entry.value);
  }
  return table;
}

}  // namespace

std::vector<std::vector<std::string>> option_rows(const OptionSchema& schema) {
  std::vector<std::vector<std::string>> rows = {{"option", "type", "default", "meaning"}};
  add_rows(schema, "", rows);
  return rows;
}

Json options_json(const OptionSchema& schema) {
  Json list = Json::array();
  for (const OptionSpec& spec : schema) {
    Json option = {{"name", spec.name},
                   {"type", spec.type_text()},
                   {"required", spec.required},
                   {"default", value_json(spec.default_value)},
                   {"doc", spec.doc}};
    if (spec.at_least) option["at_least"] = *spec.at_least;
    if (spec.at_most) option["at_most"] = *spec.at_most;
    if (!spec.choices.empty()) option["choices"] = spec.choices;
    if (!spec.component_kind.empty()) option["kind"] = spec.component_kind;
    if (!spec.fields.empty()) option["options"] = options_json(spec.fields);
    list.push_back(std::move(option));
  }
  return list;
}

}  // namespace mixwright::cli
