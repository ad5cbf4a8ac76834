#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <mixwright/network.h>
#include <mixwright/task.h>

#include "framework/data/picture_sample.h"
#include "framework/model/network.h"

namespace mixwright::train {

/// A trained network with all that it takes to answer.
struct PredictorParts {
  std::shared_ptr<model::Network> network;  ///< on `device`
  std::shared_ptr<const Task> task;
  data::SampleFacts info;  ///< of the data it was trained on
  torch::Device device = torch::kCPU;
  bool bfloat16 = false;  ///< see Autocast
};

/// The way that a network takes from inputs, as it sees them, in `steps` steps, where it is one
/// that recalls: steps + 1 moments, in float32 on the CPU. Empty where it is not.
std::vector<RecallMoment> recalled(const model::Network& network,
                                   const torch::Tensor& inputs,
                                   int64_t steps);

/// Asks a network about single samples, as evaluate() does about a dataset: in evaluation mode,
/// without gradients, normalised as in its training.
class Predictor {
 public:
  explicit Predictor(PredictorParts parts);

  /// At most `most` answers to each sample, the most probable first; empty where the task gives
  /// none.
  /// Shape: [batch, *grid, channels] bytes or floats, as the dataset gave them.
  /// Throws: mixwright::Error where the task gives another number of answers than samples.
  std::vector<std::vector<Prediction>> predict(const torch::Tensor& samples, int64_t most) const;

  /// What the network gives for samples, in float32.
  torch::Tensor forward(const torch::Tensor& samples) const;

  /// recalled() of samples.
  std::vector<RecallMoment> recall(const torch::Tensor& samples, int64_t steps) const;

  const data::SampleFacts& info() const { return parts_.info; }
  const PredictorParts& parts() const { return parts_; }

 private:
  PredictorParts parts_;
};

}  // namespace mixwright::train
