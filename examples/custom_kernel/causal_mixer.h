#pragma once

#include <mixwright/token_mixer.h>

struct CausalMixerOptions {
  int64_t taps = 9;
};

MIXWRIGHT_OPTIONS(CausalMixerOptions,
                  field("taps", &CausalMixerOptions::taps)
                      .at_least(1)
                      .at_most(1024)
                      .doc("how many tokens one sees: itself and those before it"))

/// Every channel of a token becomes a learned sum over the tokens before it; see causal_mix.
///
/// The grid is read row by row: 9 taps on a grid 8 wide reach the place above.
/// Shape: [B, *grid, C] -> the same.
/// Params: CausalMixerOptions. `weight`: [taps, C].
/// Source: depthwise causal convolution, for example van den Oord et al. 2016 (WaveNet),
///     arXiv:1609.03499 section 2.1.
/// Deviates: no dilation, no bias.
class CausalMixer final : public mixwright::TokenMixer {
 public:
  using Options = CausalMixerOptions;
  CausalMixer(const Options& options, const mixwright::BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  torch::Tensor weight_;
};
