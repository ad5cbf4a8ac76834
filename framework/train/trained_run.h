#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "framework/model/load.h"
#include "framework/train/predictor.h"

namespace mixwright::train {

/// A run that can be asked, built from its folder alone: config.toml, input.toml, a checkpoint.
struct TrainedRun {
  std::filesystem::path checkpoint;
  int64_t step = 0;
  std::string task;  ///< the component's name, for errors
  std::shared_ptr<Predictor> predictor;
};

/// Builds network and task of a run; its dataset is not built and its data need not be there.
/// Throws: UsageError where the run lacks a file.
TrainedRun load_trained_run(const std::string& run,
                            const std::string& checkpoint,
                            const std::vector<std::string>& sets,
                            const model::PluginSource& plugins);

}  // namespace mixwright::train
