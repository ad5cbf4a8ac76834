#include "abi1_token_mixer.h"

Abi1TokenMixer::Abi1TokenMixer(const Options& options, const mixwright::BuildContext& context)
    : share_(register_parameter("share", torch::full({context.shape.channels}, options.share))) {}

torch::Tensor Abi1TokenMixer::forward(const torch::Tensor& x) {
  const torch::Tensor tokens = x.flatten(1, -2);  // [B, *grid, C] -> [B, N, C]
  const torch::Tensor to_mean = tokens.mean(1, /*keepdim=*/true) - tokens;  // [B, N, C]
  // Under autocast x may be bfloat16; the answer keeps its type.
  return (tokens + share_.to(x.scalar_type()) * to_mean).view(x.sizes());
}

MIXWRIGHT_PLUGIN("abi1_token_mixer",
                 "0.1.0",
                 "Apache-2.0",
                 token_mixer<Abi1TokenMixer>("abi1_token_mixer",
                                             "moves tokens towards their mean",
                                             "your paper"))
