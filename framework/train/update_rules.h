#pragma once

#include <vector>

#include "framework/train/optimizer.h"

namespace mixwright::train {

/// AdamW with LibTorch's fused kernel: one pass over each tensor and its two moments.
///
///   m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2
///   w = w - lr (m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps) + decay w)
///
/// Slots: exp_avg (m), exp_avg_sq (v).
/// Source: I. Loshchilov, F. Hutter 2019, arXiv:1711.05101, algorithm 2; as LibTorch, the decay is
/// scaled by lr, not by the schedule alone.
class AdamW final : public Optimizer {
 public:
  AdamW(std::vector<TrainedTensor> tensors, const OptimizerOptions& options);

 private:
  void move(const Group& group) override;
};

/// Gradient descent with momentum, by LibTorch's fused kernel.
///
///   g = g + decay w,  m = momentum m + g
///   w = w - lr m,  or with nesterov  w = w - lr (g + momentum m)
///
/// Slots: momentum_buffer (m).
/// Source: I. Sutskever et al. 2013, as LibTorch writes it; without dampening.
class Sgd final : public Optimizer {
 public:
  Sgd(std::vector<TrainedTensor> tensors, const OptimizerOptions& options);

 private:
  void move(const Group& group) override;
};

/// LAMB: AdamW's direction, scaled for each tensor to the length of its weights.
///
///   u = m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps) + decay w
///   w = w - lr r u,  r = |w| / |u|, or 1 where one of them is zero or the tensor has no decay
///
/// Slots: exp_avg (m), exp_avg_sq (v).
/// Source: Y. You et al. 2020, arXiv:1904.00962, algorithm 2, with phi(z) = z.
/// Deviates: tensors without decay (norms, biases) are not scaled, as in the widely used
/// implementations; clipping is the recipe's.
class Lamb final : public Optimizer {
 public:
  Lamb(std::vector<TrainedTensor> tensors, const OptimizerOptions& options);

 private:
  void move(const Group& group) override;
};

}  // namespace mixwright::train
