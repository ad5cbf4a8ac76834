#pragma once

#include <cstdint>

#include <torch/torch.h>

namespace mixwright::mlp {

/// How a weight is bounded: by `coefficient` at most, which `power_iterations` steps estimate at
/// every use while training.
struct SpectralBound {
  double coefficient = 0.9;
  int64_t power_iterations = 8;
};

/// Weight and bias of a linear layer that stretches nothing by more than a coefficient c.
///
/// bounded W = W / max(1, sigma / c), sigma = u^T W v, the largest singular value by power
/// iteration: v <- W^T u / |W^T u|, u <- W v / |W v|. Gradients pass through sigma and take u and v
/// as constants.
/// Shape: W [out, in].
/// Params: weight, bias; buffers u [out], v [in], sigma [1] as of the last training step, for
///     those who look.
/// Thread: evaluation writes nothing.
/// Source: Miyato et al. 2018, arXiv:1802.05957, algorithm 1; only weights that stretch too much
/// are
///     scaled, as in Behrmann et al. 2019, arXiv:1811.00995.
/// Deviates: none.
class SpectralLinearImpl : public torch::nn::Module {
 public:
  SpectralLinearImpl(int64_t in, int64_t out, const SpectralBound& bound);

  /// In training after `power_iterations` steps, else with u and v as they are.
  torch::Tensor bounded_weight();
  /// Finds u, v and sigma for a weight that has just been drawn.
  void settle();

  torch::Tensor weight;
  torch::Tensor bias;

 private:
  void iterate(int64_t times);

  SpectralBound bound_;
  torch::Tensor u_;
  torch::Tensor v_;
  torch::Tensor sigma_;
};
TORCH_MODULE(SpectralLinear);

}  // namespace mixwright::mlp
