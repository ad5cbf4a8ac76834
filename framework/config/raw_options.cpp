#include "framework/config/raw_options.h"

namespace mixwright::options {

void Codec<config::RawList>::read(const Reader& reader,
                                  const FieldBase& field,
                                  const ConfigValue& value,
                                  config::RawList& out) {
  if (value.is_table()) {
    // The usual slip: one pair of brackets.
    reader.diagnostics->error(value.location(),
                              reader.prefix + field.name + ": a list of tables expected, [[" +
                                  reader.prefix + field.name + "]] with two brackets");
    return;
  }
  if (!expect_array(reader, field, value)) return;
  for (const ConfigValue& item : value.as_array()) expect_table(reader, field, item);
  out.value = value;
}

void Codec<config::StringMap>::read(const Reader& reader,
                                    const FieldBase& field,
                                    const ConfigValue& value,
                                    config::StringMap& out) {
  if (!expect_table(reader, field, value)) return;
  for (const ConfigValue::Entry& entry : value.as_table()) {
    FieldBase named = field;
    const std::string name = std::string(field.name) + ".\"" + entry.key + "\"";
    named.name = name.c_str();
    std::string text;
    read_string(reader, named, entry.value, text);
    out.entries.emplace_back(entry.key, text);
  }
}

ConfigValue Codec<config::StringMap>::write(const config::StringMap& value) {
  if (value.entries.empty()) return {};
  ConfigValue table = ConfigValue::table();
  for (const auto& [key, text] : value.entries) table.set(key, text);
  return table;
}

}  // namespace mixwright::options
