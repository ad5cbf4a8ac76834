#pragma once

#include <mixwright/token_mixer.h>

struct ComponentNameOptions {
  double share = 0.5;
};
MIXWRIGHT_OPTIONS(ComponentNameOptions,
                  field("share", &ComponentNameOptions::share)
                      .at_least(0)
                      .at_most(1)
                      .doc("what the learned shares start at"))

/// Every token moves towards the mean of all tokens, in each channel by a learned share.
///
///   y_n = x_n + s (mean_m x_m - x_n)
///
/// Shape: [B, *grid, C] -> the same; N tokens are the grid, flattened.
/// Params: ComponentNameOptions. `share`: [C].
/// Source: replace by authors, year, arXiv id and equation.
/// Deviates: none.
class ComponentName final : public mixwright::TokenMixer {
 public:
  using Options = ComponentNameOptions;
  ComponentName(const Options& options, const mixwright::BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  torch::Tensor share_;
};
