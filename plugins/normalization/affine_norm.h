#pragma once

#include <mixwright/normalization.h>

namespace mixwright::norms {

/// A learned scale and shift of every channel, and no statistics.
///
///   y = weight * x + bias
///
/// Shape: [B, *grid, C] -> the same.
/// Params: none. `weight`, `bias`: [C].
/// Source: Touvron et al. 2021 (ResMLP), arXiv:2105.03404 eq. 1.
/// Deviates: none.
class AffineNorm final : public Normalization {
 public:
  explicit AffineNorm(const BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  torch::Tensor weight_;
  torch::Tensor bias_;
};

}  // namespace mixwright::norms
