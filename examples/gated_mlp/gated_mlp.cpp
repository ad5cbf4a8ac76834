#include "gated_mlp.h"

#include <cmath>

using torch::nn::Linear;
using torch::nn::LinearOptions;

GatedMlp::GatedMlp(const Options& options, const mixwright::BuildContext& context) {
  const int64_t channels = context.shape.channels;
  const int64_t hidden = std::llround(options.ratio * static_cast<double>(channels));
  if (hidden < 1) {
    throw mixwright::Error("ratio " + std::to_string(options.ratio) + " of " +
                           std::to_string(channels) + " channels leaves no hidden layer");
  }
  gate_value_ =
      register_module("gate_value", Linear(LinearOptions(channels, 2 * hidden).bias(options.bias)));
  out_ = register_module("out", Linear(LinearOptions(hidden, channels).bias(options.bias)));
}

torch::Tensor GatedMlp::forward(const torch::Tensor& x) {
  const std::vector<torch::Tensor> halves = gate_value_(x).chunk(2, -1);  // [B, *grid, hidden] each
  return out_(torch::silu(halves[0]) * halves[1]);
}

MIXWRIGHT_PLUGIN("gated_mlp",
                 "0.1.0",
                 "Apache-2.0",
                 channel_mixer<GatedMlp>("gated_mlp",
                                         "an mlp of which one half gates the other, SwiGLU",
                                         "arXiv:2002.05202 section 2"))
