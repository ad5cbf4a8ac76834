#include "component_name.h"

#include <algorithm>
#include <cmath>

ComponentName::ComponentName(const Options& options, const mixwright::BuildContext& context) {
  const int64_t channels = context.shape.channels;
  const int64_t hidden =
      std::max<int64_t>(1, std::llround(options.ratio * static_cast<double>(channels)));
  fc1_ = register_module("fc1", torch::nn::Linear(channels, hidden));
  fc2_ = register_module("fc2", torch::nn::Linear(hidden, channels));
}

torch::Tensor ComponentName::forward(const torch::Tensor& x) {
  return fc2_(torch::relu(fc1_(x)).square());  // [B, *grid, C] -> [B, *grid, H] -> [B, *grid, C]
}

MIXWRIGHT_PLUGIN("component_name",
                 "0.1.0",
                 "Apache-2.0",
                 channel_mixer<ComponentName>("component_name",
                                              "MLP with a squared ReLU",
                                              "your paper"))
