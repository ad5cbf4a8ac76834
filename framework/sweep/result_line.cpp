#include "framework/sweep/result_line.h"

#include <algorithm>
#include <fstream>

#include "framework/config/toml_writer.h"
#include "framework/plugin/sha256.h"
#include "framework/train/config_difference.h"
#include "framework/train/metrics_log.h"
#include "framework/train/run_folder.h"

namespace mixwright::sweep {

namespace {

using nlohmann::ordered_json;

ConfigValue sorted(const ConfigValue& value);

ConfigValue sorted_table(const ConfigValue& table, const std::string& path) {
  std::vector<std::string> keys = table.keys();
  std::sort(keys.begin(), keys.end());
  ConfigValue kept = ConfigValue::table();
  for (const std::string& key : keys) {
    const std::string below = path.empty() ? key : path + "." + key;
    if (below == "seed" || below == "data.folder" || train::changes_no_result(below)) continue;
    const ConfigValue& value = *table.find(key);
    ConfigValue inner = value.is_table() ? sorted_table(value, below) : sorted(value);
    // A table that says nothing any more was never there.
    if (!inner.is_table() || !inner.keys().empty() || value.keys().empty()) kept.set(key, inner);
  }
  return kept;
}

ConfigValue sorted(const ConfigValue& value) {
  if (value.is_table()) return sorted_table(value, "[]");  // within a list no key is free
  if (!value.is_array()) return value;
  ConfigValue list = ConfigValue::array();
  for (const ConfigValue& item : value.as_array()) list.as_array().push_back(sorted(item));
  return list;
}

ordered_json json_of(const ConfigValue& value) {
  if (value.is_integer()) return value.as_integer();
  if (value.is_number()) return value.as_number();
  return value.as_string();
}

/// Columns as they are shown, then what the row itself says it is.
ordered_json settings_of(const Sweep& sweep, const Group& group) {
  ordered_json settings = ordered_json::object();
  for (size_t i = 0; i < sweep.columns.size(); ++i) settings[sweep.columns[i]] = group.values[i];
  for (const auto& [name, value] : group.facts) settings[name] = json_of(value);
  return settings;
}

/// Of the last session of environment.json; null where there is none.
ordered_json last_session(const std::filesystem::path& run) {
  std::ifstream in(train::RunFolder::environment_of(run));
  const ordered_json all = ordered_json::parse(in, nullptr, /*allow_exceptions=*/false);
  const ordered_json::json_pointer sessions("/sessions");
  if (!all.is_object() || !all.contains(sessions) || !all.at(sessions).is_array()) return nullptr;
  return all.at(sessions).empty() ? ordered_json() : all.at(sessions).back();
}

/// The course of the numbers called `name`: the steps of metrics.jsonl and each part's values
/// there. Null where no part reports it.
ordered_json curves_of(const std::filesystem::path& run, const std::string& name) {
  ordered_json curves = {{"step", ordered_json::array()}, {"parts", ordered_json::object()}};
  for (const ordered_json& line : train::MetricsLog::read(run / "metrics.jsonl")) {
    const auto parts = line.find("parts");
    if (parts == line.end() || !parts->is_object()) continue;
    bool any = false;
    for (const auto& [path, value] : parts->items()) {
      if (!path.ends_with("." + name)) continue;
      const std::string part = path.substr(0, path.size() - name.size() - 1);
      curves["parts"][part].push_back(value);
      any = true;
    }
    if (any) curves["step"].push_back(line.value("step", int64_t{0}));
  }
  return curves["step"].empty() ? ordered_json() : curves;
}

}  // namespace

std::string config_hash(const ConfigValue& said) {
  const std::string text = config::to_toml(sorted_table(said, ""));
  plugin::Sha256 hash;
  hash.add(text.data(), text.size());
  return hash.hex();
}

ordered_json result_line(const Sweep& sweep,
                         const Row& row,
                         const PreparedRow& prepared,
                         const train::RunOutcome& outcome) {
  ordered_json line = {{"sweep", sweep.name}, {"row", row.name}};
  line["settings"] = settings_of(sweep, sweep.groups[row.group]);
  line["set"] = row.sets;
  line["seed"] = row.seed;
  line["config_sha256"] = prepared.config_sha256;
  line["metric"] = outcome.best.name;
  line["percent"] = outcome.best.percent;
  line["best"] = train::MetricsLog::number(outcome.best.value);
  line["last"] = train::MetricsLog::number(outcome.last.value);
  line["test"] = nullptr;
  if (outcome.test) line["test"] = train::MetricsLog::number(outcome.test->value);
  for (const auto& [name, value] : outcome.test_metrics) line["test_metrics"][name] = value;
  line["best_step"] = outcome.best_step;
  line["last_step"] = outcome.last_step;
  line["parameters"] = prepared.parameters;
  line["macs"] = prepared.macs;
  line["seconds"] = nullptr;
  if (outcome.seconds) line["seconds"] = *outcome.seconds;
  line["precision"] = outcome.precision;
  const ordered_json session = last_session(outcome.run);
  for (const char* key : {"processor", "threads", "device", "libtorch", "mixwright"}) {
    line[key] = session.is_object() ? session.value(key, ordered_json()) : ordered_json();
  }
  for (const std::string& name : sweep.curves) {
    line["curves"][name] = curves_of(outcome.run, name);
  }
  return line;
}

}  // namespace mixwright::sweep
