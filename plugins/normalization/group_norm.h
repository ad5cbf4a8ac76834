#pragma once

#include <mixwright/normalization.h>

namespace mixwright::norms {

struct GroupNormOptions {
  int64_t groups = 1;
  double eps = 1e-5;
};
MIXWRIGHT_OPTIONS(GroupNormOptions,
                  field("groups", &GroupNormOptions::groups)
                      .at_least(1)
                      .doc("groups that the channels are cut into; must divide their number"),
                  field("eps", &GroupNormOptions::eps).at_least(0).doc("added to the variance"))

/// Group normalisation: each group of channels is normalised over itself and the grid.
///
///   y = (x - mean_g(x)) / sqrt(var_g(x) + eps) * weight + bias, var biased, weights per channel
///
/// Shape: [B, *grid, C] -> the same.
/// Params: GroupNormOptions. `weight`, `bias`: [C].
/// Throws: Error where `groups` does not divide C.
/// Source: Wu, He 2018, arXiv:1803.08494 eq. 1, 7; one group is PoolFormer's norm,
/// arXiv:2111.11418. Deviates: none; one group is the default, as PoolFormer has it.
class GroupNorm final : public Normalization {
 public:
  using Options = GroupNormOptions;
  GroupNorm(const Options& options, const BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  torch::Tensor normalized(const torch::Tensor& x) const;

  int64_t groups_;
  double eps_;
  torch::Tensor weight_;
  torch::Tensor bias_;
};

}  // namespace mixwright::norms
