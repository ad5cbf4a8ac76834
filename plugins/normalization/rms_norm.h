#pragma once

#include <mixwright/normalization.h>

namespace mixwright::norms {

struct RmsNormOptions {
  double eps = 1e-6;
};
MIXWRIGHT_OPTIONS(RmsNormOptions,
                  field("eps", &RmsNormOptions::eps).at_least(0).doc("added to the mean square"))

/// Root mean square normalisation of each token.
///
///   y = x / sqrt(mean(x^2) + eps) * weight, the mean over channels
///
/// Shape: [B, *grid, C] -> the same.
/// Params: RmsNormOptions. `weight`: [C].
/// Source: Zhang, Sennrich 2019, arXiv:1910.07467 eq. 4.
/// Deviates: eps, which the paper does not have.
class RmsNorm final : public Normalization {
 public:
  using Options = RmsNormOptions;
  RmsNorm(const Options& options, const BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  double eps_;
  torch::Tensor weight_;
};

}  // namespace mixwright::norms
