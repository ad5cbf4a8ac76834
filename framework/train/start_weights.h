#pragma once

#include <string>
#include <vector>

#include "framework/config/train_options.h"
#include "framework/model/network.h"

namespace mixwright::train {

/// What became of a network's tensors at the start of a fine-tuning.
struct StartReport {
  std::string file;
  int64_t taken = 0;
  std::vector<std::string> fresh;  ///< left as the model's initialisation made them
};

/// Puts the weights of `start.from` into the network: a run's folder (its best checkpoint, the
/// average where it has one), a checkpoint's folder, or a safetensors file. Tensors that match one
/// of the patterns in `start.except` stay fresh and may be missing or of another shape there.
/// Throws: UsageError naming the first tensor that is missing, of another shape or not wanted, and
/// a pattern that matches nothing.
StartReport take_start_weights(model::Network& network, const StartOptions& start);

}  // namespace mixwright::train
