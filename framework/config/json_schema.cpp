#include "framework/config/json_schema.h"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "framework/config/run_config.h"
#include "framework/config/stage_blocks.h"

namespace mixwright::config {

namespace {

using Json = nlohmann::ordered_json;

Json to_json(const ConfigValue& value) {
  if (value.is_bool()) return value.as_bool();
  if (value.is_integer()) return value.as_integer();
  if (value.is_float()) return value.as_number();
  if (value.is_string()) return value.as_string();
  Json json = value.is_array() ? Json::array() : Json::object();
  if (value.is_array()) {
    for (const ConfigValue& item : value.as_array()) json.push_back(to_json(item));
  } else if (value.is_table()) {
    for (const ConfigValue::Entry& entry : value.as_table()) json[entry.key] = to_json(entry.value);
  }
  return json;
}

Json reference(const std::string& definition) {
  return {{"$ref", "#/definitions/" + definition}};
}

/// A schema whose keys are `properties` and no others.
Json closed_object(Json properties) {
  return {
      {"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

Json any_of(Json alternatives) {
  if (alternatives.size() == 1) return alternatives[0];
  return {{"anyOf", std::move(alternatives)}};
}

Json or_list_of(const Json& schema) {
  return any_of({schema, {{"type", "array"}, {"items", schema}}});
}

/// An object's properties where several components declare some.
class Union {
 public:
  void add(const std::string& name, const Json& schema) {
    Json& seen = alternatives_[name];
    if (std::find(seen.begin(), seen.end(), schema) == seen.end()) seen.push_back(schema);
  }
  Json properties() const {
    Json result = Json::object();
    for (const auto& [name, schemas] : alternatives_) result[name] = any_of(schemas);
    return result;
  }

 private:
  std::map<std::string, Json> alternatives_;
};

/// Where a component stands: below a block, lists of components cycle.
enum class Place { kOutside, kInBlock };

class Generator {
 public:
  Generator(const SchemaLookup& lookup, const std::optional<std::vector<std::string>>& parts)
      : lookup_(lookup), parts_(parts) {}

  Json generate() {
    Json schema = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                   {"title", "Mixwright config"}};
    schema.update(closed_object(root_properties()));
    schema["definitions"] = std::move(definitions_);
    return schema;
  }

 private:
  // Options.

  Json value_schema(const OptionSpec& spec, Place place) {
    Json schema = Json::object();
    switch (spec.type) {
      case OptionType::kBool:
        schema["type"] = "boolean";
        break;
      case OptionType::kInteger:
        schema["type"] = "integer";
        break;
      case OptionType::kNumber:
        schema["type"] = "number";
        break;
      case OptionType::kString:
        schema["type"] = "string";
        break;
      case OptionType::kChoice:
        schema["enum"] = spec.choices;
        break;
      case OptionType::kComponent:
        return component_reference(spec.component_kind, place);
      case OptionType::kLayer:
        return layer_reference(place);
      case OptionType::kTable:
        return closed_object(properties_of(spec.fields, place));
    }
    if (spec.at_least) schema["minimum"] = *spec.at_least;
    if (spec.at_most) schema["maximum"] = *spec.at_most;
    if (spec.odd) schema["not"] = {{"multipleOf", 2}};
    // A number or one of some words.
    const bool words = spec.type != OptionType::kChoice && !spec.choices.empty();
    return words ? any_of(Json::array({{{"enum", spec.choices}}, schema})) : schema;
  }

  Json option_schema(const OptionSpec& spec, Place place) {
    Json value = value_schema(spec, place);
    if (spec.is_list) value = Json{{"type", "array"}, {"items", std::move(value)}};
    return described(std::move(value), spec);
  }

  /// Adds words and default; beside a reference draft 7 would ignore them.
  static Json described(Json schema, const OptionSpec& spec) {
    if (spec.doc.empty() && spec.default_value.is_nothing()) return schema;
    if (schema.contains("$ref")) schema = Json{{"allOf", Json::array({std::move(schema)})}};
    if (!spec.doc.empty()) schema["description"] = spec.doc;
    if (!spec.default_value.is_nothing()) schema["default"] = to_json(spec.default_value);
    return schema;
  }

  Json properties_of(const OptionSchema& options, Place place) {
    Json properties = Json::object();
    for (const OptionSpec& spec : options) properties[spec.name] = option_schema(spec, place);
    return properties;
  }

  // Components.

  /// Refers to the definition of a kind, and makes it first where it is new.
  Json component_reference(const std::string& kind, Place place) {
    const bool in_block = place == Place::kInBlock;
    const std::string name = in_block ? kind + "_in_block" : kind;
    if (!definitions_.contains(name)) {
      definitions_[name] = Json::object();  // so that a kind which holds itself ends here
      definitions_[name] = component(kind, place, {});
    }
    return in_block ? or_list_of(reference(name)) : reference(name);
  }

  Json component(const std::string& kind, Place place, const Json& extra) {
    const Place inner = kind == "block" ? Place::kInBlock : place;
    std::vector<std::string> names = lookup_.names(kind);
    Union all;
    for (const auto& [name, schema] : extra.items()) all.add(name, schema);
    Json alternatives = names_of(names);
    for (const std::string& name : names) {
      Json properties = extra.is_null() ? Json::object() : extra;
      const OptionSchema schema = lookup_.schema(kind, name).value_or(OptionSchema{});
      properties.update(properties_of(schema, inner));
      for (const auto& [option, each] : properties.items()) all.add(option, each);
      properties["type"] = {{"enum", Json::array({name})}};
      Json object = {{"title", kind_words(kind) + " \"" + name + "\""}};
      if (const std::string words = lookup_.summary(kind, name); !words.empty()) {
        object["description"] = words;
      }
      object.update(closed_object(std::move(properties)));
      object["required"] = {"type"};
      alternatives.push_back(std::move(object));
    }
    // A part with options beside it, and a table that amends what another file says.
    Json properties = all.properties();
    properties["type"] = part_type(names);
    alternatives.push_back(closed_object(std::move(properties)));
    return any_of(std::move(alternatives));
  }

  /// The strings that may stand for a component.
  Json names_of(std::vector<std::string> names) const {
    names.emplace_back("none");
    if (parts_) names.insert(names.end(), parts_->begin(), parts_->end());
    return Json::array({{{"enum", names}}, parts_ ? with_plugin() : Json{{"type", "string"}}});
  }

  /// The types that are no component's own name.
  Json part_type(const std::vector<std::string>& names) const {
    if (parts_) return any_of(Json::array({{{"enum", *parts_}}, with_plugin()}));
    Json any = {{"type", "string"}};
    if (!names.empty()) any["not"] = {{"enum", names}};
    return any;
  }

  static Json with_plugin() { return {{"type", "string"}, {"pattern", "^[^:]+:[^:]+$"}}; }

  Json layer_reference(Place place) {
    const std::string name = place == Place::kInBlock ? "layer_in_block" : "layer";
    if (!definitions_.contains(name)) {
      definitions_[name] = Json::object();
      Json properties = Json::object();
      for (const std::string& kind : layer_kinds()) {
        properties[key_of_kind(kind)] = component_reference(kind, place);
        properties[kind] = component_reference(kind, place);
      }
      Json object = closed_object(std::move(properties));
      object["minProperties"] = 1;
      object["maxProperties"] = 1;
      definitions_[name] = any_of({{{"enum", {"none"}}}, std::move(object)});
    }
    return reference(name);
  }

  // Sections.

  Json root_properties() {
    Json properties = properties_of(options::schema_of<FileOptions>(), Place::kOutside);
    const Json text = {{"type", "string"}};
    set(properties["extends"], or_list_of(text));
    set(properties["plugins"]["properties"]["path"], or_list_of(text));
    set(properties["data"],
        component("dataset",
                  Place::kOutside,
                  properties_of(options::schema_of<DataOptions>(), Place::kOutside)));
    set(properties["parts"], {{"type", "object"}, {"additionalProperties", any_component()}});
    set(properties["model"], model());
    return properties;
  }

  /// Replaces a schema but keeps its words.
  static void set(Json& schema, Json replacement) {
    if (schema.contains("description")) replacement["description"] = schema["description"];
    schema = std::move(replacement);
  }

  Json any_component() {
    Json alternatives = Json::array();
    for (const std::string& kind : component_kinds()) {
      component_reference(kind, Place::kInBlock);
      alternatives.push_back(reference(kind + "_in_block"));
    }
    return any_of(std::move(alternatives));
  }

  Json model() {
    definitions_["stage"] = closed_object(stage_properties());
    Json properties = properties_of(options::schema_of<ModelOptions>(), Place::kOutside);
    set(properties["stage_defaults"], Json{{"allOf", Json::array({reference("stage")})}});
    set(properties["stage"], {{"type", "array"}, {"items", reference("stage")}});
    set(properties["share"], {{"type", "object"}, {"additionalProperties", {{"type", "string"}}}});
    return closed_object(std::move(properties));
  }

  Json stage_properties() {
    Union all;
    for (const std::string& block : lookup_.names("block")) {
      for (const OptionSpec& spec : lookup_.schema("block", block).value_or(OptionSchema{})) {
        all.add(spec.name, option_schema(spec, Place::kInBlock));
      }
    }
    Json properties = all.properties();
    properties.update(properties_of(options::schema_of<StageOptions>(), Place::kOutside));
    properties["block"] = component_reference("block", Place::kInBlock);
    properties["block"]["description"] = "what the stage is made of; a list cycles over its depth";
    return properties;
  }

  const SchemaLookup& lookup_;
  const std::optional<std::vector<std::string>>& parts_;
  Json definitions_ = Json::object();
};

}  // namespace

std::string json_schema(const SchemaLookup& lookup,
                        const std::optional<std::vector<std::string>>& parts) {
  return Generator(lookup, parts).generate().dump(2) + "\n";
}

}  // namespace mixwright::config
