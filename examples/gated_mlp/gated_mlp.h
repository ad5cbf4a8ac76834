#pragma once

#include <mixwright/channel_mixer.h>

struct GatedMlpOptions {
  double ratio = 8.0 / 3.0;
  bool bias = false;
};

MIXWRIGHT_OPTIONS(
    GatedMlpOptions,
    field("ratio", &GatedMlpOptions::ratio)
        .at_least(0)
        .doc("hidden width as a multiple of C; 8/3 has the parameters of an mlp of 4"),
    field("bias", &GatedMlpOptions::bias).doc("whether the linear layers have a bias"))

/// Two linear layers between which one half of the hidden layer gates the other: SwiGLU.
///
///   y = W2 (silu(W x + b) * (V x + c)) + d,  silu(z) = z / (1 + exp(-z))
///
/// Shape: [B, *grid, C] -> the same.
/// Params: GatedMlpOptions. `gate_value.weight`: [2 hidden, C], W above V; `out.weight`: [C,
/// hidden]. Throws: Error where ratio times C is less than one. Source: Shazeer 2020,
/// arXiv:2002.05202 section 2 (FFN_SwiGLU). Deviates: a bias, where asked for.
class GatedMlp final : public mixwright::ChannelMixer {
 public:
  using Options = GatedMlpOptions;
  GatedMlp(const Options& options, const mixwright::BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  torch::nn::Linear gate_value_{nullptr};  // W and V in one product
  torch::nn::Linear out_{nullptr};
};
