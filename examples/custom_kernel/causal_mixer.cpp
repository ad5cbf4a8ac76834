#include "causal_mixer.h"

#include <cmath>

#include <mixwright/layers.h>

#include "causal_mix.h"

CausalMixer::CausalMixer(const Options& options, const mixwright::BuildContext& context) {
  const double bound = 1 / std::sqrt(static_cast<double>(options.taps));
  weight_ = register_parameter(
      "weight", torch::empty({options.taps, context.shape.channels}).uniform_(-bound, bound));
}

torch::Tensor CausalMixer::forward(const torch::Tensor& x) {
  const torch::Tensor tokens = mixwright::flatten_grid(x);  // [B, N, C]
  // 16-bit floats are summed in float32.
  const bool is_short = x.element_size() < 4;
  const auto type = is_short ? torch::kFloat32 : x.scalar_type();
  return causal_mix(tokens.to(type), weight_.to(type)).to(x.scalar_type()).view(x.sizes());
}

MIXWRIGHT_PLUGIN("custom_kernel",
                 "0.1.0",
                 "Apache-2.0",
                 token_mixer<CausalMixer>("causal_depthwise",
                                          "a learned sum over earlier tokens, channel by channel",
                                          "arXiv:1609.03499 section 2.1")
                     .needs(mixwright::kCausal))
