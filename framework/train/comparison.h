#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <mixwright/config_value.h>
#include <mixwright/task.h>

#include "framework/train/statistics.h"

namespace mixwright::train {

/// What a run came to, by its validations.
struct RunOutcome {
  std::filesystem::path run;
  std::string seed;
  Metric best;  ///< of the decisive metric
  Metric last;
  std::optional<Metric> test;  ///< of the best checkpoint; nothing before the training's end
  int64_t best_step = 0;
  int64_t last_step = 0;
  std::optional<double> seconds;  ///< of training; nothing before its first checkpoint
  bool finished = false;
  std::string precision;  ///< of its last session; empty before its first checkpoint
  std::vector<std::pair<std::string, double>> test_metrics;  ///< all that the test measured
  ConfigValue config;                                        ///< with its defaults said
};

/// `91.32 ± 0.41 %`, and without an interval `91.32 %`.
std::string interval_text(const Metric& metric, const MeanInterval& interval);

/// Reads metrics.jsonl, the last checkpoint's state and result.json. `config` is the run's.
/// Throws: UsageError where the folder is no run's or nothing was validated yet.
RunOutcome read_outcome(const std::filesystem::path& run, ConfigValue config);

/// Runs of the same settings apart from the seed and what changes no result.
struct RunGroup {
  std::string label;  ///< A, B, …
  std::vector<RunOutcome> runs;

  MeanInterval best() const;
  MeanInterval last() const;
  std::optional<MeanInterval> test() const;  ///< where all of them tell
  double mean_best_step() const;
  double mean_last_step() const;
  std::optional<double> mean_seconds() const;  ///< of those that tell
};

/// In the order in which the first of each was given. `runs` is not empty.
/// Throws: UsageError where they were not measured by the same metric or one is given twice.
std::vector<RunGroup> group_runs(std::vector<RunOutcome> runs);

/// A setting in which groups differ: its value in each, `not given` where it has none. Where groups
/// have different components, options that only one of them knows are not listed.
struct DifferingSetting {
  std::string path;  ///< `model.stage[0].dim`
  std::vector<std::string> values;
};
std::vector<DifferingSetting> differing_settings(const std::vector<RunGroup>& groups);

/// What stands below a group's bar.
enum class Names { kLabelsAndSettings, kLabelsAlone };

/// Draws the means as bars with their intervals and a dot for each run into one file.
/// Throws: see draw_figure.
void draw_comparison(const std::vector<RunGroup>& groups,
                     const std::filesystem::path& file,
                     Names names = Names::kLabelsAndSettings);

}  // namespace mixwright::train
