#pragma once

#include <cstdint>
#include <optional>
#include <tuple>

#include <torch/torch.h>

#include <mixwright/kinds.h>
#include <mixwright/layers.h>
#include <mixwright/options.h>

namespace mixwright::convolution {

struct SqueezeExciteOptions {
  double ratio = 0.25;  // RepViT's and FFNet's
  std::optional<int64_t> hidden;
  int64_t round_to = 8;
  Component<Activation> activation{"relu"};
};

MIXWRIGHT_OPTIONS(SqueezeExciteOptions,
                  field("ratio", &SqueezeExciteOptions::ratio)
                      .at_least(0)
                      .doc("width between the two layers as a multiple of C, then rounded"),
                  field("hidden", &SqueezeExciteOptions::hidden)
                      .at_least(1)
                      .doc("that width itself, in place of ratio and round_to"),
                  field("round_to", &SqueezeExciteOptions::round_to)
                      .at_least(1)
                      .doc("the width is rounded to a multiple of this, and is at least this"),
                  field("activation", &SqueezeExciteOptions::activation)
                      .doc("scalar function between the two layers"))

/// Squeeze-and-excitation: scales each channel by what the mean over the grid says.
///
/// y = x * sigmoid(fc2(act(fc1(mean over the grid of x)))). Tokens that the padding mask leaves out
/// are not part of the mean.
/// Shape: [B, *grid, C] -> the same.
/// Params: fc1, fc2.
/// Throws: none.
/// Source: Hu et al. 2017, arXiv:1709.01507, eq. 2 to 4; rounding as in timm's SqueezeExcite, which
///     RepViT, arXiv:2307.09283, and FFNet, arXiv:2406.02021, use.
/// Deviates: none.
template <class Kind>
class SqueezeExcite final : public Kind {
 public:
  using Options = SqueezeExciteOptions;
  SqueezeExcite(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override;

 private:
  torch::nn::Linear fc1_{nullptr};
  torch::nn::Linear fc2_{nullptr};
  LayerPtr activation_;
};

}  // namespace mixwright::convolution
