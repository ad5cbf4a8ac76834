#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <torch/torch.h>

#include <mixwright/activation.h>
#include <mixwright/channel_mixer.h>
#include <mixwright/key_value_memory.h>
#include <mixwright/layers.h>

namespace mixwright::convolution {

struct ConvMlpOptions {
  double ratio = 4.0;
  std::optional<int64_t> hidden;
  int64_t kernel = 3;
  std::vector<int64_t> kernels;
  bool bias = true;
  Component<Activation> activation{"gelu"};
  double dropout = 0.0;
};

MIXWRIGHT_OPTIONS(
    ConvMlpOptions,
    field("ratio", &ConvMlpOptions::ratio).at_least(0).doc("hidden width as a multiple of C"),
    field("hidden", &ConvMlpOptions::hidden)
        .at_least(1)
        .doc("hidden width itself, in place of ratio"),
    field("kernel", &ConvMlpOptions::kernel)
        .at_least(1)
        .doc("side of the depthwise kernel in each dimension of the grid"),
    field("kernels", &ConvMlpOptions::kernels)
        .at_least(1)
        .doc("one side for each dimension of the grid, in place of kernel"),
    field("bias", &ConvMlpOptions::bias).doc("whether all three layers have a bias"),
    field("activation", &ConvMlpOptions::activation)
        .doc("scalar function after the depthwise convolution"),
    field("dropout", &ConvMlpOptions::dropout)
        .at_least(0)
        .at_most(1)
        .doc("dropout after the activation and after the second linear layer"))

/// Channel MLP with a depthwise convolution inside, which tells it where a token lies.
///
/// y = fc2(act(K * fc1(x) + b)), * the depthwise convolution over the grid.
/// Shape: [B, *grid, C] -> the same.
/// Params: fc1, dwconv, fc2.
/// Throws: Error on a grid with prefix tokens.
/// Source: Xie et al. 2021 (SegFormer's Mix-FFN), arXiv:2105.15203, eq. 3; Wang et al. 2021
///     (PVT v2), arXiv:2106.13797.
/// Deviates: the residual is the block's.
class ConvMlp final : public ChannelMixer, public KeyValueMemory {
 public:
  using Options = ConvMlpOptions;
  ConvMlp(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override;
  LayerPtr for_inference_within(const Surroundings& around) override;
  torch::Tensor coefficients(const torch::Tensor& x, const Context& context) override;
  torch::Tensor values() const override;

 private:
  double dropout_;
  torch::nn::Linear fc1_{nullptr};
  torch::nn::Linear fc2_{nullptr};
  GridConvolution dwconv_{nullptr};
  LayerPtr activation_;
};

}  // namespace mixwright::convolution
