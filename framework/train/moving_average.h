#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <torch/torch.h>

#include "framework/config/train_options.h"
#include "framework/model/network.h"

namespace mixwright::train {

/// Exponential average of a network's parameters and floating-point buffers:
///   average <- d average + (1 - d) value,  d = min(decay, (1 + n) / (10 + n))
/// after step n = 0, 1, …; without warm-up d = decay. It begins with the first values.
///
/// Source: B. Polyak, A. Juditsky 1992; the warm-up is that of TensorFlow's
/// ExponentialMovingAverage. Deviates: buffers are averaged as parameters are.
class MovingAverage {
 public:
  MovingAverage(const model::Network& network, const AverageOptions& options);

  /// After step `step`, counted from 0.
  void update(int64_t step);
  /// Exchanges the averages and the network's own values.
  void exchange();

  std::vector<model::NamedTensor> state() const;
  /// Throws: mixwright::Error naming the first tensor that is missing or of another shape.
  void load(const std::map<std::string, torch::Tensor>& state);

 private:
  AverageOptions options_;
  std::vector<std::string> names_;
  std::vector<torch::Tensor> values_;  // the network's own
  std::vector<torch::Tensor> averages_;
};

/// While it lives the network holds its averages; null: nothing happens.
class AveragedWeights {
 public:
  explicit AveragedWeights(MovingAverage* average);
  AveragedWeights(const AveragedWeights&) = delete;
  AveragedWeights& operator=(const AveragedWeights&) = delete;
  ~AveragedWeights();

 private:
  MovingAverage* average_;
};

}  // namespace mixwright::train
