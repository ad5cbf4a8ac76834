#include "abi1_normalization.h"

Abi1Normalization::Abi1Normalization(const Options& options, const mixwright::BuildContext& context)
    : eps_(options.eps),
      weight_(register_parameter("weight", torch::ones({context.shape.channels}))) {}

torch::Tensor Abi1Normalization::forward(const torch::Tensor& x) {
  const torch::Tensor size = x.abs().mean(-1, /*keepdim=*/true) + eps_;  // [B, *grid, 1]
  // Under autocast x may be bfloat16; the answer keeps its type.
  return x / size * weight_.to(x.scalar_type());
}

MIXWRIGHT_PLUGIN("abi1_normalization",
                 "0.1.0",
                 "Apache-2.0",
                 normalization<Abi1Normalization>("abi1_normalization",
                                                  "by the mean absolute value",
                                                  "your paper"))
