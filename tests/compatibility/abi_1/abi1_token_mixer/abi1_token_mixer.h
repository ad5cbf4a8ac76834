#pragma once

#include <mixwright/token_mixer.h>

struct Abi1TokenMixerOptions {
  double share = 0.5;
};
MIXWRIGHT_OPTIONS(Abi1TokenMixerOptions,
                  field("share", &Abi1TokenMixerOptions::share)
                      .at_least(0)
                      .at_most(1)
                      .doc("what the learned shares start at"))

/// Every token moves towards the mean of all tokens, in each channel by a learned share.
///
///   y_n = x_n + s (mean_m x_m - x_n)
///
/// Shape: [B, *grid, C] -> the same; N tokens are the grid, flattened.
/// Params: Abi1TokenMixerOptions. `share`: [C].
/// Source: replace by authors, year, arXiv id and equation.
/// Deviates: none.
class Abi1TokenMixer final : public mixwright::TokenMixer {
 public:
  using Options = Abi1TokenMixerOptions;
  Abi1TokenMixer(const Options& options, const mixwright::BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  torch::Tensor share_;
};
