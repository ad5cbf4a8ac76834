#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <mixwright/task.h>

#include "framework/model/network.h"
#include "framework/train/optimizer.h"

namespace mixwright::train {

/// Where NaN or infinity came from.
struct NotFiniteCause {
  std::string part;              ///< path of a part or tensor; empty: not found
  std::vector<int64_t> samples;  ///< those that show it; empty: not told apart
  std::string text;              ///< both as a clause: `the input of sample 17`
};

/// Looks for the cause of a step that is not finite, in this order: inputs, weights, the first part
/// of the forward pass, the loss of each sample, gradients (of the last tensor of the network that
/// has a bad one: they come from the end). The batches are those of the step, weights and gradients
/// as it left them; of batches without inputs nothing is computed again.
NotFiniteCause find_not_finite(model::Network& network,
                               const Task& task,
                               const std::vector<Batch>& batches,
                               const std::vector<TrainedTensor>& tensors);

/// The line of metrics.jsonl about it. Where samples were not told apart it names all of the step.
nlohmann::ordered_json not_finite_line(const NotFiniteCause& cause,
                                       const std::vector<Batch>& batches);

}  // namespace mixwright::train
