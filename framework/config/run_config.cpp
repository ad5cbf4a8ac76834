#include "framework/config/run_config.h"

#include <algorithm>
#include <regex>
#include <set>
#include <tuple>

#include "framework/config/component_checker.h"
#include "framework/config/components.h"
#include "framework/config/merge.h"
#include "framework/config/stage_blocks.h"

namespace mixwright::config {

namespace {

/// The entries of `table` whose keys are in `keys`, moved to a table of their own.
ConfigValue take_keys(ConfigValue& table, const std::vector<std::string>& keys) {
  ConfigValue taken = ConfigValue::table();
  taken.at(table.location());
  for (const std::string& key : keys) {
    if (const ConfigValue::Entry* entry = table.find_entry(key)) {
      taken.set(key, entry->value, entry->key_location);
      table.erase(key);
    }
  }
  return taken;
}

/// Reads the sections of a config one after the other.
class ConfigReader {
 public:
  ConfigReader(const SchemaLookup& lookup, Diagnostics& diagnostics)
      : lookup_(lookup), diagnostics_(diagnostics), checker_(lookup) {}

  RunConfig read(const ConfigValue& root) {
    const auto file = options::read_options<FileOptions>(reader("", ""), root);
    RunConfig config;
    config.name = file.name;
    config.seed = file.seed;
    config.train = file.train;
    if (!file.data.value.is_nothing()) read_data(file.data.value, config);
    if (file.model.value.is_nothing()) {
      if (root.find("model") == nullptr) {
        diagnostics_.error(root.location(), "section [model] is missing");
      }
    } else {
      read_model(file.model.value, config);
    }
    if (!file.parts.value.is_nothing()) check_parts(root, file.parts.value);
    return config;
  }

 private:
  options::Reader reader(const std::string& owner, const std::string& prefix) const {
    options::Reader result;
    result.diagnostics = &diagnostics_;
    result.checker = &checker_;
    result.owner = owner;
    result.prefix = prefix;
    return result;
  }

  void read_data(const ConfigValue& written, RunConfig& config) {
    ConfigValue dataset = resolve_component(written, lookup_.parts(), diagnostics_, "dataset");
    if (dataset.is_nothing()) return;
    const std::vector<std::string> own = option_names(options::schema_of<DataOptions>());
    config.data = options::read_options<DataOptions>(reader("", "data."), take_keys(dataset, own));
    report_unknown_data(dataset, own);
    checker_.check("dataset", dataset, diagnostics_);
    config.dataset = std::move(dataset);
  }

  /// Keys that neither the host nor the dataset knows, so that the nearest of both is named.
  void report_unknown_data(ConfigValue& dataset, const std::vector<std::string>& own) {
    const auto schema = lookup_.schema("dataset", dataset.find("type")->as_string());
    if (!schema) return;
    std::vector<std::string> known = option_names(*schema);
    known.insert(known.end(), own.begin(), own.end());
    for (const std::string& key : dataset.keys()) {
      if (key == "type" || std::find(known.begin(), known.end(), key) != known.end()) continue;
      const std::string best = nearest(key, known);
      if (std::find(own.begin(), own.end(), best) == own.end()) continue;  // the dataset says it
      diagnostics_.error(dataset.find_entry(key)->key_location,
                         "unknown option \"data." + key + "\"" + did_you_mean(key, known));
      dataset.erase(key);
    }
  }

  void read_model(const ConfigValue& written, RunConfig& config) {
    config.model = options::read_options<ModelOptions>(reader("", "model."), written);
    const ConfigValue& stages = config.model.stage.value;
    if (config.model.network) {
      refuse_stages(written);
      return;
    }
    if (stages.is_nothing()) {
      if (written.find("stage") == nullptr) {
        diagnostics_.error(written.location(),
                           "the model has no stage; begin one by [[model.stage]]");
      }
      return;
    }
    if (stages.as_array().empty()) {
      diagnostics_.error(stages.location(), "the model has no stage; begin one by [[model.stage]]");
    }
    for (size_t i = 0; i < stages.as_array().size(); ++i) {
      read_stage(stages.as_array()[i], "model.stage[" + std::to_string(i) + "]", config);
    }
  }

  /// Where a whole network is named there is no place for stages.
  void refuse_stages(const ConfigValue& model) {
    for (const char* key : {"stage", "stage_defaults"}) {
      const ConfigValue::Entry* entry = model.find_entry(key);
      if (entry == nullptr) continue;
      diagnostics_.error(entry->key_location,
                         std::string("model.") + key +
                             " stands beside model.network, which is a whole network; leave one of "
                             "the two out");
    }
  }

  void read_stage(const ConfigValue& written, const std::string& name, RunConfig& config) {
    if (!written.is_table()) return;  // reported with the list
    Stage stage;
    ConfigValue rest = written;
    const std::vector<std::string> own = option_names(options::schema_of<StageOptions>());
    stage.options = options::read_options<StageOptions>(reader(name, ""), take_keys(rest, own));
    stage.blocks = stage_blocks(written, lookup_, diagnostics_, name);
    const ConfigChecker below = checker_.below_block(stage.options.depth);
    if (const ConfigValue* block = written.find("block"); block != nullptr && block->is_array()) {
      below.check_length("block", *block, diagnostics_);
    }
    for (const ConfigValue& block : stage.blocks) below.check("block", block, diagnostics_);
    config.stages.push_back(std::move(stage));
  }

  void check_parts(const ConfigValue& root, const ConfigValue& parts) {
    const std::set<std::string> used = used_parts(root, parts);
    for (const ConfigValue::Entry& part : parts.as_table()) {
      if (part.key == "none" || part.key == "type") {
        diagnostics_.error(part.key_location,
                           "a part cannot be called \"" + part.key + "\"; that word is taken");
      } else if (!part.value.is_table() && !part.value.is_string()) {
        diagnostics_.error(
            part.value.location(),
            "parts." + part.key + ": a component expected, " + part.value.described() + " found");
      } else if (!used.contains(part.key)) {
        diagnostics_.warning(part.key_location, "part \"" + part.key + "\" is not used");
        check_unused(part.value);
      }
    }
  }

  /// A part that stands nowhere has no kind; it is checked as the kind that it fits best.
  void check_unused(const ConfigValue& part) {
    const ConfigValue table = resolve_component(part, lookup_.parts(), diagnostics_);
    if (table.is_nothing()) return;
    const ConfigValue& type = *table.find("type");
    std::optional<Diagnostics> best;
    std::vector<std::string> names;
    for (const std::string& kind : component_kinds()) {
      for (std::string& name : lookup_.names(kind)) names.push_back(std::move(name));
      if (!lookup_.schema(kind, type.as_string())) continue;
      Diagnostics found;
      checker_.below_block(0).check(kind, part, found);
      if (!best || found.errors().size() < best->errors().size()) best = found;
    }
    if (!best) {
      diagnostics_.error(
          type.location(),
          "unknown component \"" + type.as_string() + "\"" + did_you_mean(type.as_string(), names));
      return;
    }
    for (const auto& error : best->errors()) diagnostics_.error(error.location, error.message);
  }

  /// Parts whose names are said outside of `parts`, or by such a part.
  static std::set<std::string> used_parts(const ConfigValue& root, const ConfigValue& parts) {
    std::set<std::string> used;
    for (const ConfigValue::Entry& section : root.as_table()) {
      if (section.key != "parts") collect(section.value, parts, used);
    }
    return used;
  }

  static void collect(const ConfigValue& value,
                      const ConfigValue& parts,
                      std::set<std::string>& used) {
    if (value.is_array()) {
      for (const ConfigValue& item : value.as_array()) collect(item, parts, used);
    } else if (value.is_table()) {
      for (const auto& entry : value.as_table()) collect(entry.value, parts, used);
    } else if (value.is_string()) {
      const ConfigValue* part = parts.find(value.as_string());
      if (part != nullptr && used.insert(value.as_string()).second) collect(*part, parts, used);
    }
  }

  const SchemaLookup& lookup_;
  Diagnostics& diagnostics_;
  ConfigChecker checker_;
};

/// In the order of their places, each once: a part or a stage default that is used in several
/// places is wrong in one. Of messages that differ in the stage alone the first stays.
std::vector<Diagnostics::Entry> in_order(std::vector<Diagnostics::Entry> entries) {
  const auto key = [](const Diagnostics::Entry& e) {
    return std::tie(e.location.file, e.location.line, e.location.column);
  };
  std::stable_sort(entries.begin(), entries.end(), [&](const auto& a, const auto& b) {
    return key(a) < key(b);
  });
  static const std::regex kStage(R"(model\.stage\[[0-9]+\])");
  std::vector<Diagnostics::Entry> result;
  std::set<std::string> seen;
  for (Diagnostics::Entry& entry : entries) {
    const std::string text = std::regex_replace(entry.text(), kStage, "model.stage");
    if (seen.insert(text).second) result.push_back(std::move(entry));
  }
  return result;
}

}  // namespace

RunConfig read_config(const ConfigValue& root,
                      const SchemaLookup& lookup,
                      Diagnostics& diagnostics) {
  Diagnostics found;
  RunConfig config = ConfigReader(lookup, found).read(root);
  for (const auto& entry : in_order(found.errors())) {
    diagnostics.error(entry.location, entry.message);
  }
  for (const auto& entry : in_order(found.warnings())) {
    diagnostics.warning(entry.location, entry.message);
  }
  return config;
}

}  // namespace mixwright::config
