#include "abi1_channel_mixer.h"

#include <algorithm>
#include <cmath>

Abi1ChannelMixer::Abi1ChannelMixer(const Options& options, const mixwright::BuildContext& context) {
  const int64_t channels = context.shape.channels;
  const int64_t hidden =
      std::max<int64_t>(1, std::llround(options.ratio * static_cast<double>(channels)));
  fc1_ = register_module("fc1", torch::nn::Linear(channels, hidden));
  fc2_ = register_module("fc2", torch::nn::Linear(hidden, channels));
}

torch::Tensor Abi1ChannelMixer::forward(const torch::Tensor& x) {
  return fc2_(torch::relu(fc1_(x)).square());  // [B, *grid, C] -> [B, *grid, H] -> [B, *grid, C]
}

MIXWRIGHT_PLUGIN("abi1_channel_mixer",
                 "0.1.0",
                 "Apache-2.0",
                 channel_mixer<Abi1ChannelMixer>("abi1_channel_mixer",
                                                 "MLP with a squared ReLU",
                                                 "your paper"))
