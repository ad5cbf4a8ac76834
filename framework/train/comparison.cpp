#include "framework/train/comparison.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>

#include <spdlog/fmt/fmt.h>

#include <mixwright/error.h>

#include "framework/train/config_difference.h"
#include "framework/train/metrics_log.h"
#include "framework/train/run_folder.h"
#include "framework/train/text_table.h"
#include "framework/train/train_state_file.h"

namespace mixwright::train {

namespace fs = std::filesystem;

namespace {

using Settings = std::map<std::string, std::string>;

/// 1 and 1.0 are the same setting.
std::string setting_text(const ConfigValue& value) {
  return value.is_number() ? fmt::format("{}", value.as_number()) : value.toml();
}

void flatten(const ConfigValue& value, const std::string& path, Settings& settings) {
  if (path == "seed" || changes_no_result(path) || value.is_nothing()) return;
  if (value.is_table()) {
    for (const auto& [key, key_location, below] : value.as_table()) {
      flatten(below, path.empty() ? key : path + "." + key, settings);
    }
    return;
  }
  const bool of_tables =
      value.is_array() && !value.as_array().empty() && value.as_array().front().is_table();
  if (!of_tables) {
    settings[path] = setting_text(value);
    return;
  }
  for (size_t i = 0; i < value.as_array().size(); ++i) {
    flatten(value.as_array()[i], path + "[" + std::to_string(i) + "]", settings);
  }
}

Settings settings_of(const RunOutcome& run) {
  Settings settings;
  flatten(run.config, "", settings);
  return settings;
}

/// Where there is a checkpoint it tells of time and end.
void read_state(const fs::path& run, RunOutcome& outcome) {
  const fs::path file = run / "last" / "state.toml";
  std::error_code error;
  if (!fs::exists(file, error)) return;
  const TrainState state = read_state_file(file).state;
  outcome.seconds = state.seconds;
  outcome.finished = state.finished;
  outcome.precision = state.precision;
}

/// What the end of the training measured on the test split.
void read_result(const fs::path& run, RunOutcome& outcome) {
  std::ifstream in(RunFolder::result_of(run), std::ios::binary);
  const auto result = nlohmann::ordered_json::parse(in, nullptr, /*allow_exceptions=*/false);
  const nlohmann::ordered_json::json_pointer place("/test/metrics");
  if (!result.is_object() || !result.contains(place)) return;
  const nlohmann::ordered_json& metrics = result.at(place);
  for (const auto& [name, value] : metrics.items()) {
    if (value.is_number()) outcome.test_metrics.emplace_back(name, value.get<double>());
  }
  const auto value = metrics.find(outcome.last.name);
  if (value == metrics.end() || !value->is_number()) return;
  outcome.test = outcome.last;
  outcome.test->value = value->get<double>();
}

std::string label_of(size_t index) {
  constexpr size_t kLetters = 26;
  return index < kLetters ? std::string(1, static_cast<char>('A' + index))
                          : "G" + std::to_string(index + 1);
}

bool all_equal(const std::vector<std::string>& texts) {
  return std::adjacent_find(texts.begin(), texts.end(), std::not_equal_to<>()) == texts.end();
}

template <typename Value>
std::vector<double> all_of(const std::vector<RunOutcome>& runs, Value value) {
  std::vector<double> values;
  for (const RunOutcome& run : runs) values.push_back(static_cast<double>(value(run)));
  return values;
}

/// Refuses what cannot stand beside the first run.
void check_fits(const RunOutcome& first, const RunOutcome& other) {
  if (first.best.name != other.best.name) {
    throw UsageError(other.run.string() + ": is measured by " + other.best.name + ", but " +
                     first.run.string() + " by " + first.best.name +
                     "; runs of one task can be compared");
  }
  std::error_code error;
  if (fs::equivalent(first.run, other.run, error)) {
    throw UsageError(other.run.string() + ": is given twice, it would count as two runs");
  }
}

constexpr const char* kNotGiven = "not given";

/// A component without options is its name alone: `m = "a"` says `m.type = "a"`, and is called so
/// where another run has a table there.
void name_types(Settings& settings, const std::map<std::string, std::vector<std::string>>& values) {
  for (const auto& [path, ignored] : values) {
    const auto name = settings.find(path);
    if (name == settings.end() || values.count(path + ".type") == 0) continue;
    settings[path + ".type"] = name->second;
    settings.erase(path);
  }
}

/// Whether a setting is absent from some groups merely because they have another component there,
/// and the same wherever it is given: the row of the component's type says it.
bool follows_from_type(const std::string& path,
                       const std::vector<std::string>& texts,
                       const std::map<std::string, std::vector<std::string>>& values) {
  std::vector<std::string> given;
  std::copy_if(texts.begin(), texts.end(), std::back_inserter(given), [](const std::string& text) {
    return text != kNotGiven;
  });
  if (given.size() == texts.size() || !all_equal(given)) return false;
  for (size_t end = path.rfind('.'); end != std::string::npos; end = path.rfind('.', end - 1)) {
    const std::string type = path.substr(0, end) + ".type";
    const auto found = values.find(type);
    if (type != path && found != values.end() && !all_equal(found->second)) return true;
    if (end == 0) break;
  }
  return false;
}

}  // namespace

std::string interval_text(const Metric& metric, const MeanInterval& interval) {
  Metric mean = metric;
  mean.value = interval.mean;
  if (!interval.half) return metric_text(mean);
  return metric.percent
             ? fmt::format("{:.2f} ± {:.2f} %", 100 * interval.mean, 100 * *interval.half)
             : fmt::format("{:.4f} ± {:.4f}", interval.mean, *interval.half);
}

RunOutcome read_outcome(const fs::path& run, ConfigValue config) {
  RunOutcome outcome;
  outcome.run = run;
  const ConfigValue* seed = config.find("seed");
  outcome.seed = seed == nullptr ? "-" : seed->toml();
  outcome.config = std::move(config);
  bool any = false;
  for (const auto& line : MetricsLog::read(run / "metrics.jsonl")) {
    const auto decisive = line.find("decisive");
    if (decisive == line.end() || !decisive->is_object()) continue;
    Metric metric;
    metric.name = decisive->value("name", "");
    metric.percent = decisive->value("percent", false);
    metric.higher_is_better = decisive->value("higher_is_better", true);
    const auto value = line.find(metric.name);
    if (value == line.end() || !value->is_number()) continue;  // not finite
    metric.value = value->get<double>();
    outcome.last = metric;
    outcome.last_step = line.value("step", int64_t{0});
    const bool better = metric.higher_is_better ? metric.value > outcome.best.value
                                                : metric.value < outcome.best.value;
    if (!any || better) {
      outcome.best = metric;
      outcome.best_step = outcome.last_step;
    }
    any = true;
  }
  if (!any) {
    throw UsageError((run / "metrics.jsonl").string() +
                     ": nothing was validated yet; compare the run when its first epoch is done");
  }
  read_state(run, outcome);
  read_result(run, outcome);
  return outcome;
}

MeanInterval RunGroup::best() const {
  return mean_interval(all_of(runs, [](const RunOutcome& run) { return run.best.value; }));
}

MeanInterval RunGroup::last() const {
  return mean_interval(all_of(runs, [](const RunOutcome& run) { return run.last.value; }));
}

std::optional<MeanInterval> RunGroup::test() const {
  std::vector<double> values;
  for (const RunOutcome& run : runs) {
    if (!run.test) return std::nullopt;
    values.push_back(run.test->value);
  }
  return mean_interval(values);
}

double RunGroup::mean_best_step() const {
  return mean_interval(all_of(runs, [](const RunOutcome& run) { return run.best_step; })).mean;
}

double RunGroup::mean_last_step() const {
  return mean_interval(all_of(runs, [](const RunOutcome& run) { return run.last_step; })).mean;
}

std::optional<double> RunGroup::mean_seconds() const {
  std::vector<double> seconds;
  for (const RunOutcome& run : runs) {
    if (run.seconds) seconds.push_back(*run.seconds);
  }
  if (seconds.empty()) return std::nullopt;
  return mean_interval(seconds).mean;
}

std::vector<RunGroup> group_runs(std::vector<RunOutcome> runs) {
  for (size_t i = 0; i < runs.size(); ++i) {
    for (size_t j = 0; j < i; ++j) check_fits(runs[j], runs[i]);
  }
  std::vector<RunGroup> groups;
  std::map<Settings, size_t> known;
  for (RunOutcome& run : runs) {
    const auto [place, is_new] = known.emplace(settings_of(run), groups.size());
    if (is_new) groups.push_back({label_of(groups.size()), {}});
    groups[place->second].runs.push_back(std::move(run));
  }
  return groups;
}

std::vector<DifferingSetting> differing_settings(const std::vector<RunGroup>& groups) {
  std::vector<Settings> settings;
  std::map<std::string, std::vector<std::string>> values;
  for (const RunGroup& group : groups) {
    settings.push_back(settings_of(group.runs.front()));
    for (const auto& [path, text] : settings.back()) values[path];
  }
  for (Settings& one : settings) name_types(one, values);
  for (auto& [path, texts] : values) {
    for (const Settings& one : settings) {
      const auto found = one.find(path);
      texts.push_back(found == one.end() ? kNotGiven : found->second);
    }
  }
  std::vector<DifferingSetting> differing;
  for (const auto& [path, texts] : values) {
    if (!all_equal(texts) && !follows_from_type(path, texts, values)) {
      differing.push_back({path, texts});
    }
  }
  return differing;
}

}  // namespace mixwright::train
