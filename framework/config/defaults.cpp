#include "framework/config/defaults.h"

#include <algorithm>

#include "framework/config/components.h"
#include "framework/config/run_config.h"
#include "framework/config/stage_blocks.h"

namespace mixwright::config {

namespace {

// Deeper than any network; stops a part that contains itself.
constexpr int kMaxLevels = 64;

void locate_at_default(ConfigValue& value) {
  value.at({"default", 0, 0});
  if (value.is_array()) {
    for (ConfigValue& item : value.as_array()) locate_at_default(item);
  } else if (value.is_table()) {
    for (ConfigValue::Entry& entry : value.as_table()) locate_at_default(entry.value);
  }
}

class Filler {
 public:
  explicit Filler(const SchemaLookup& lookup) : lookup_(lookup) {}

  ConfigValue fill_root(ConfigValue root) {
    OptionSchema schema = options::schema_of<FileOptions>();
    if (root.find("plugins") == nullptr) {
      std::erase_if(schema, [](const OptionSpec& spec) { return spec.name == "plugins"; });
    }
    fill(root, schema, 0);
    if (ConfigValue* data = root.find("data")) {
      *data = component("dataset", *data, 0);
      if (data->is_table()) fill(*data, options::schema_of<DataOptions>(), 0);
    }
    if (ConfigValue* model = root.find("model"); model != nullptr && model->is_table()) {
      fill_model(*model);
    }
    root.erase("parts");
    return root;
  }

 private:
  /// Adds what `schema` declares and `table` does not say, and goes into what it says.
  void fill(ConfigValue& table, const OptionSchema& schema, int level) {
    for (const OptionSpec& spec : schema) {
      if (table.find(spec.name) == nullptr && !spec.default_value.is_nothing()) {
        ConfigValue value = spec.default_value;
        locate_at_default(value);
        table.set(spec.name, std::move(value), {"default", 0, 0});
      }
      if (ConfigValue* value = table.find(spec.name)) fill_value(*value, spec, level);
    }
  }

  void fill_value(ConfigValue& value, const OptionSpec& spec, int level) {
    if (value.is_array()) {
      for (ConfigValue& item : value.as_array()) fill_value(item, spec, level);
    } else if (spec.type == OptionType::kComponent) {
      value = component(spec.component_kind, value, level + 1);
    } else if (spec.type == OptionType::kLayer) {
      fill_layer(value, level);
    } else if (spec.type == OptionType::kTable && value.is_table()) {
      fill(value, spec.fields, level);
    }
  }

  void fill_layer(ConfigValue& layer, int level) {
    if (!layer.is_table()) return;
    for (ConfigValue::Entry& entry : layer.as_table()) {
      entry.value = component(kind_of_key(entry.key), entry.value, level + 1);
    }
  }

  /// A component with its options; what has none, or is not known, stays as it was written.
  ConfigValue component(const std::string& kind, const ConfigValue& value, int level) {
    if (level > kMaxLevels || value.is_array() || is_none(value)) return value;
    Diagnostics ignored;
    ConfigValue table = resolve_component(value, lookup_.parts(), ignored, kind);
    if (table.is_nothing()) return ignored.ok() ? ConfigValue("none").at(value.location()) : value;
    const auto schema = lookup_.schema(kind, table.find("type")->as_string());
    if (!schema) return value;
    fill(table, *schema, level);
    return table.as_table().size() == 1 ? *table.find("type") : table;
  }

  void fill_model(ConfigValue& model) {
    OptionSchema schema = options::schema_of<ModelOptions>();
    fill(model, schema, 0);
    ConfigValue* stages = model.find("stage");
    if (stages == nullptr || !stages->is_array()) return;
    for (ConfigValue& stage : stages->as_array()) {
      if (stage.is_table()) fill_stage(stage);
    }
  }

  /// One block's options stand beside it in the stage, those of several in `block = [{ … }, …]`.
  void fill_stage(ConfigValue& stage) {
    Diagnostics diagnostics;
    std::vector<ConfigValue> blocks = stage_blocks(stage, lookup_, diagnostics);
    if (!diagnostics.ok()) return;
    for (const std::string& key : stage.keys()) {
      if (!is_own(key)) stage.erase(key);
    }
    fill(stage, options::schema_of<StageOptions>(), 0);
    ConfigValue* block = stage.find("block");
    if (block == nullptr || blocks.empty()) return;
    for (ConfigValue& each : blocks) {
      if (const auto schema = lookup_.schema("block", each.find("type")->as_string())) {
        fill(each, *schema, 0);
      }
    }
    const SourceLocation location = block->location();
    if (block->is_array()) {
      *block = ConfigValue(std::move(blocks)).at(location);
    } else {
      put_beside(stage, *block, blocks.front());
    }
  }

  static bool is_own(const std::string& key) {
    return std::find(stage_keys().begin(), stage_keys().end(), key) != stage_keys().end();
  }

  static void put_beside(ConfigValue& stage, ConfigValue& block, const ConfigValue& filled) {
    const ConfigValue::Table& options = filled.as_table();
    if (std::any_of(options.begin(), options.end(), [](const auto& o) { return is_own(o.key); })) {
      block = filled;  // one of its options is called like a key of the stage
      return;
    }
    block = *filled.find("type");
    for (const ConfigValue::Entry& option : options) {
      if (option.key != "type") stage.set(option.key, option.value, option.key_location);
    }
  }

  const SchemaLookup& lookup_;
};

}  // namespace

ConfigValue with_defaults(const ConfigValue& root, const SchemaLookup& lookup) {
  return Filler(lookup).fill_root(root);
}

}  // namespace mixwright::config
