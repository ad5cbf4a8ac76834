#pragma once

#include <string>
#include <vector>

#include "framework/model/network.h"
#include "framework/model/weight_map.h"

namespace mixwright::model {

/// What is taken out of a network on its way to the answer.
struct FeatureChoice {
  std::vector<size_t> stages;  ///< outputs of these, as `stage.0`; in order, each once
  bool embedding = false;      ///< what the first stage's embedding gives, as `embedding`
  bool pooled = false;         ///< the last stage's mean over its places, as `pooled`
  bool answer = false;         ///< what the head makes of it, as `answer`
};

/// Reads `0,2,last,embedding,pooled,answer` for a network of so many stages.
/// Throws: UsageError that names a word which is none of these.
FeatureChoice feature_choice(const std::string& words, size_t stages);

/// Runs a batch and gives what was chosen, float32 on the CPU.
/// Shape: [batch, *grid, channels] or [batch, L] -> `stage.N` and `embedding` [batch, *grid, C],
/// `pooled` [batch, C], `answer` as the head gives it.
NamedTensors features(Network& network, const torch::Tensor& input, const FeatureChoice& choice);

}  // namespace mixwright::model
