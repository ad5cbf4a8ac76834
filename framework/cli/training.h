#pragma once

#include <string>
#include <vector>

#include "framework/cli/load.h"
#include "framework/train/trainer.h"

namespace mixwright::cli {

/// A config with all that a training or an evaluation needs.
struct LoadedTraining : Loaded {
  train::TrainingParts parts;
};

/// Builds dataset, task, augmentation and network of a config, and chooses device and threads.
/// `loaded` comes from load_config. Throws: UsageError where [data] or [train] is missing.
LoadedTraining build_training(Loaded loaded);

/// Builds the teacher that `[train.teacher]` names, if any; a measure does without.
void add_teacher(LoadedTraining& training, Globals& globals);

/// The samples of `test`, `validation` or `train`, read as a measure wants them: without
/// augmentation.
data::SampleSource source_of_split(const train::TrainingParts& parts, const std::string& split);

/// The resolved config as a run's folder keeps it: all defaults said, paths of plugins absolute.
ConfigValue resolved_config(const Loaded& loaded);

/// Lines of metrics: a row per label.
struct MetricsRow {
  std::string label;
  int64_t step = 0;
  std::vector<Metric> metrics;
};
Table metrics_table(const std::string& title, const std::vector<MetricsRow>& rows);

/// An evaluation as JSON: metrics by name, tables.
nlohmann::ordered_json evaluation_json(const train::Evaluation& evaluation);

}  // namespace mixwright::cli
