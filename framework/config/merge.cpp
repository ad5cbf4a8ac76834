#include "framework/config/merge.h"

#include <algorithm>
#include <utility>

namespace mixwright::config {

ConfigValue long_form(const ConfigValue& value) {
  if (!value.is_string()) return value;
  ConfigValue table = ConfigValue::table();
  table.set("type", value, value.location());
  return table.at(value.location());
}

ConfigValue merged(const ConfigValue& base, const ConfigValue& over) {
  if (!over.is_table() || over.find("type") != nullptr) return over;
  ConfigValue result = long_form(base);
  if (!result.is_table()) return over;
  for (const ConfigValue::Entry& entry : over.as_table()) {
    ConfigValue::Table& entries = result.as_table();
    const auto below = std::find_if(entries.begin(), entries.end(), [&](const auto& candidate) {
      return candidate.key == entry.key;
    });
    if (below == entries.end()) {
      entries.push_back(entry);
    } else {
      below->value = merged(below->value, entry.value);
      below->key_location = entry.key_location;
    }
  }
  return result.at(over.location());
}

}  // namespace mixwright::config
