#pragma once

#include <mixwright/normalization.h>

namespace mixwright::norms {

struct L1NormOptions {
  double eps = 1e-9;  // arXiv:2105.02358, the authors' code
};
MIXWRIGHT_OPTIONS(L1NormOptions,
                  field("eps", &L1NormOptions::eps).at_least(0).doc("added to the sum"))

/// Every token over the sum of its absolute values.
///
///   y = x / (sum_c |x_c| + eps)
///
/// Shape: [B, *grid, C] -> the same.
/// Params: L1NormOptions. No weight.
/// Source: Guo et al. 2021 (external attention), arXiv:2105.02358, eq. 8: the second half of its
///   double normalisation.
/// Deviates: absolute values, which the paper's are anyway; so no sum vanishes by cancelling.
class L1Norm final : public Normalization {
 public:
  using Options = L1NormOptions;
  explicit L1Norm(const Options& options);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  double eps_;
};

}  // namespace mixwright::norms
