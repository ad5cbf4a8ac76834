#pragma once

#include <mixwright/activation.h>

namespace mixwright::activations {

struct StarReluOptions {
  double scale = 0.8944;  // arXiv:2210.13452 eq. 6: 1 / sqrt(1.25), unit variance for normal input
  double bias = -0.4472;  // ibid.: -0.5 / sqrt(1.25), zero mean
};
MIXWRIGHT_OPTIONS(StarReluOptions,
                  field("scale", &StarReluOptions::scale).doc("what the learned scale starts at"),
                  field("bias", &StarReluOptions::bias).doc("what the learned bias starts at"))

/// Squared ReLU with one learned scale and bias.
///
///   y = scale * max(x, 0)^2 + bias
///
/// Shape: [B, *grid, C] -> the same.
/// Params: StarReluOptions. `scale`, `bias`: [1].
/// Source: Yu et al. 2022, arXiv:2210.13452 sec. 2.
/// Deviates: starts at the paper's 0.8944 and -0.4472; the authors' code starts at 1 and 0.
class StarRelu final : public Activation {
 public:
  using Options = StarReluOptions;
  explicit StarRelu(const Options& options);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  torch::Tensor scale_;
  torch::Tensor bias_;
};

}  // namespace mixwright::activations
