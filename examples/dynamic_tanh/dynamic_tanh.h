#pragma once

#include <mixwright/normalization.h>

struct DynamicTanhOptions {
  double alpha = 0.5;
};

MIXWRIGHT_OPTIONS(DynamicTanhOptions,
                  field("alpha", &DynamicTanhOptions::alpha)
                      .at_least(0)
                      .doc("the first value of the learned scale within the tanh"))

/// Squashes features in the place of normalising them; looks at no statistics.
///
///   y = gamma * tanh(alpha x) + beta
///
/// Shape: [B, *grid, C] -> the same.
/// Params: DynamicTanhOptions. `alpha`: [1]; `gamma`, `beta`: [C], begin as ones and zeros.
/// Source: Zhu, Chen, He, LeCun, Liu 2025 (DyT), arXiv:2503.10622 section 4.
/// Deviates: none.
class DynamicTanh final : public mixwright::Normalization {
 public:
  using Options = DynamicTanhOptions;
  DynamicTanh(const Options& options, const mixwright::BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  torch::Tensor alpha_;
  torch::Tensor gamma_;
  torch::Tensor beta_;
};
