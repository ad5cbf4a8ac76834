#pragma once

#include <torch/torch.h>

#include <mixwright/interaction.h>

namespace mixwright::metamixer {

struct WeightedSumOptions {
  bool bias = false;
};

MIXWRIGHT_OPTIONS(WeightedSumOptions,
                  field("bias", &WeightedSumOptions::bias)
                      .doc("adds a learned number for each channel of the value"))

/// Values, each as often as its coefficient says.
///
///   y[i] = sum_j a[i, j] v[j] (+ bias)
///
/// Shape: a [B, *grid, S], v [R, *values, d], S the number of values -> [B, *grid, d].
/// Params: WeightedSumOptions. `bias`: [d].
/// Throws: Error where there are not as many values as coefficients.
/// Source: Vaswani et al. 2017, arXiv:1706.03762, eq. 1.
/// Deviates: none.
class WeightedSum final : public Interaction {
 public:
  using Options = WeightedSumOptions;
  WeightedSum(const Options& options, const BuildContext& context);
  torch::Tensor forward(const torch::Tensor& coefficients, const torch::Tensor& value) override;

 private:
  torch::Tensor bias_;  // undefined without
};

}  // namespace mixwright::metamixer
