#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "framework/cli/globals.h"
#include "framework/train/predictor.h"

namespace mixwright::cli {

/// A run that can be asked, built from its folder alone: config.toml, input.toml, a checkpoint.
struct PredictRun {
  std::filesystem::path checkpoint;
  int64_t step = 0;
  std::string task;  ///< the component's name, for errors
  std::shared_ptr<train::Predictor> predictor;
};

/// Builds network and task of a run; its dataset is not built and its data need not be there.
/// Throws: UsageError where the run lacks a file, and where its samples are no pictures.
PredictRun load_predict_run(const std::string& run,
                            const std::string& checkpoint,
                            const std::vector<std::string>& sets,
                            Globals& globals);

}  // namespace mixwright::cli
