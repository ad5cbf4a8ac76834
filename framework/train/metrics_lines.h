#pragma once

#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "framework/train/checkpoint.h"
#include "framework/train/evaluation.h"

namespace mixwright::train {

/// What a line of training tells beside the sums of its interval.
struct TrainLineFacts {
  double epoch = 0;  ///< with its fraction
  double learning_rate = 0;
  double gradient_norm = 0;                      ///< of the last step, before clipping
  std::map<std::string, double> gradient_norms;  ///< the same by stage
  std::map<std::string, double> parts;           ///< what parts report of themselves
  double samples_per_second = 0;
  double data_wait_share = 0;  ///< of the interval's time
  double memory_mb = 0;        ///< most that the process ever held, 2^20 bytes
};

/// The line of metrics.jsonl for the steps since the last one.
nlohmann::ordered_json train_line(const TrainState& state, const TrainLineFacts& facts);

/// The line of a validation; the task's first metric is the decisive one.
nlohmann::ordered_json validation_line(const TrainState& state,
                                       int64_t epochs_done,
                                       const Evaluation& evaluation);

}  // namespace mixwright::train
