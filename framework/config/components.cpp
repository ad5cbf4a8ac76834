#include "framework/config/components.h"

#include <algorithm>

#include <mixwright/option_schema.h>

#include "framework/config/merge.h"

namespace mixwright::config {

namespace {

/// A table without `type`: a misspelled one is pointed at.
void report_no_type(const ConfigValue& table, const std::string& kind, Diagnostics& diagnostics) {
  for (const ConfigValue::Entry& entry : table.as_table()) {
    if (entry.key.size() > 2 && !nearest(entry.key, {"type"}).empty()) {
      diagnostics.error(entry.key_location,
                        "unknown option \"" + entry.key + "\" of a " + kind_words(kind) +
                            " without a type; did you mean \"type\"?");
      return;
    }
  }
  diagnostics.error(table.location(),
                    "a " + kind_words(kind) + " without a type; say which one: type = \"...\"");
}

/// Whether `table` names its type in a string; says so otherwise.
bool names_type(const ConfigValue& table, const std::string& kind, Diagnostics& diagnostics) {
  const ConfigValue* type = table.find("type");
  if (type == nullptr) {
    report_no_type(table, kind, diagnostics);
  } else if (!type->is_string()) {
    diagnostics.error(
        type->location(),
        "type of a " + kind_words(kind) + ": a string expected, " + type->described() + " found");
  } else {
    return true;
  }
  return false;
}

void report_circle(const std::vector<std::string>& names,
                   const ConfigValue& type,
                   Diagnostics& diagnostics) {
  std::string circle;
  for (const std::string& name : names) circle += "\"" + name + "\" -> ";
  diagnostics.error(type.location(),
                    "a part is made of itself: " + circle + type.toml() +
                        "; a part needs a name that no component has");
}

}  // namespace

bool is_none(const ConfigValue& value) {
  return value.is_string() && value.as_string() == "none";
}

ConfigValue resolve_component(const ConfigValue& value,
                              const ConfigValue* parts,
                              Diagnostics& diagnostics,
                              const std::string& kind,
                              std::vector<std::string>* through) {
  ConfigValue table = long_form(value);
  if (!table.is_table()) {
    diagnostics.error(value.location(),
                      "a " + kind_words(kind) + " expected, a name or a table with a type, " +
                          value.described() + " found");
    return {};
  }
  std::vector<std::string> seen;
  while (names_type(table, kind, diagnostics)) {
    const ConfigValue type = *table.find("type");
    const std::string& name = type.as_string();
    if (name == "none") {
      if (table.as_table().size() == 1) return {};
      diagnostics.error(type.location(), "\"none\" has no options");
      return {};
    }
    const ConfigValue* part = parts == nullptr ? nullptr : parts->find(name);
    if (part == nullptr) {
      if (through != nullptr) *through = std::move(seen);
      return table;
    }
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      report_circle(seen, type, diagnostics);
      return {};
    }
    seen.push_back(name);
    table.erase("type");
    const ConfigValue below = long_form(*part);
    if (!below.is_table()) return {};  // reported where the parts are read
    const SourceLocation location = table.location();
    table = merged(below, table).at(location);
  }
  return {};
}

}  // namespace mixwright::config
