#pragma once

#include <cstdint>
#include <optional>

#include <torch/torch.h>

#include <mixwright/activation.h>
#include <mixwright/layers.h>
#include <mixwright/token_mixer.h>

namespace mixwright::metaformer {

struct SeparableConvOptions {
  double ratio = 2.0;
  std::optional<int64_t> hidden;
  int64_t kernel = 7;
  bool bias = false;
  Component<Activation> activation{"star_relu"};
};

MIXWRIGHT_OPTIONS(
    SeparableConvOptions,
    field("ratio", &SeparableConvOptions::ratio)
        .at_least(0)
        .doc("width of the depthwise convolution as a multiple of C"),
    field("hidden", &SeparableConvOptions::hidden)
        .at_least(1)
        .doc("that width itself, in place of ratio"),
    field("kernel", &SeparableConvOptions::kernel)
        .at_least(1)
        .doc("side of the depthwise kernel in each dimension of the grid"),
    field("bias", &SeparableConvOptions::bias).doc("whether all three layers have a bias"),
    field("activation", &SeparableConvOptions::activation)
        .doc("scalar function before the depthwise convolution"))

/// Inverted separable convolution, the token mixer of ConvFormer and of CAFormer's first stages.
///
/// y = pwconv2(K * act1(pwconv1(x))), * the depthwise convolution over the grid.
/// Shape: [B, *grid, C] -> the same.
/// Params: pwconv1, act1, dwconv (K), pwconv2.
/// Throws: Error on a grid with prefix tokens.
/// Source: Yu et al. 2022, arXiv:2210.13452 (MobileNetV2's block, arXiv:1801.04381).
/// Deviates: none.
class SeparableConv final : public TokenMixer {
 public:
  using Options = SeparableConvOptions;
  SeparableConv(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override;
  LayerPtr for_inference_within(const Surroundings& around) override;

 private:
  torch::nn::Linear pwconv1_{nullptr};
  torch::nn::Linear pwconv2_{nullptr};
  GridConvolution dwconv_{nullptr};
  LayerPtr act1_;
};

}  // namespace mixwright::metaformer
