#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include <torch/torch.h>

#include "framework/config/train_options.h"
#include "framework/model/network.h"

namespace mixwright::train {

/// A tensor that the optimizer moves.
struct TrainedTensor {
  std::string name;
  torch::Tensor tensor;
  bool decays = true;
};

/// The network's trained parameters with their decay. Without decay are vectors and scalars,
/// biases, everything in a normalization, position tables and class tokens, and parameters whose
/// name ends in one of `no_decay`.
std::vector<TrainedTensor> trained_tensors(const model::Network& network,
                                           const std::vector<std::string>& no_decay = {});

/// AdamW with LibTorch's fused kernel: one pass over each tensor and its two moments.
///
///   m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2
///   w = w - lr (m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps) + decay w)
///
/// Source: I. Loshchilov, F. Hutter 2019, arXiv:1711.05101, algorithm 2; as LibTorch, the decay is
/// scaled by lr, not by the schedule alone.
class AdamW {
 public:
  AdamW(std::vector<TrainedTensor> tensors, OptimizerOptions options);

  /// Moves every tensor that has a gradient. `lr` is the rate of this step.
  void step(double lr);
  /// Forgets gradients; the next backward writes them instead of adding.
  void zero_grad();
  /// 2-norm of all gradients as a scalar tensor on their device; where `limit` > 0, longer
  /// gradients are scaled to it. No value leaves the device.
  torch::Tensor clip_gradients(double limit);

  int64_t steps() const { return steps_; }
  const std::vector<TrainedTensor>& tensors() const { return tensors_; }

  /// Moments by name: `exp_avg.<name>`, `exp_avg_sq.<name>`.
  std::vector<model::NamedTensor> state() const;
  /// Throws: mixwright::Error naming the first moment that is missing or of another shape.
  void load(const std::map<std::string, torch::Tensor>& state, int64_t steps);

 private:
  std::vector<torch::Tensor> gradients() const;
  void step_group(bool decays, double lr);

  std::vector<TrainedTensor> tensors_;
  OptimizerOptions options_;
  std::vector<torch::Tensor> first_moments_;
  std::vector<torch::Tensor> second_moments_;
  std::unordered_map<torch::Device, torch::Tensor>
      step_tensors_;  // the kernel wants the count as a tensor
  int64_t steps_ = 0;
};

}  // namespace mixwright::train
