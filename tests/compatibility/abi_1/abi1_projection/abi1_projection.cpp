#include "abi1_projection.h"

Abi1Projection::Abi1Projection(const Options& options, const mixwright::BuildContext& context) {
  using torch::nn::LinearOptions;
  const int64_t channels = context.shape.channels;
  down_ =
      register_module("down", torch::nn::Linear(LinearOptions(channels, options.rank).bias(false)));
  up_ = register_module("up",
                        torch::nn::Linear(LinearOptions(options.rank, context.dim).bias(false)));
  set_out_shape(context.shape.with_channels(context.dim));
}

torch::Tensor Abi1Projection::forward(const torch::Tensor& x) {
  return up_(down_(x));  // [B, *grid, C] -> [B, *grid, rank] -> [B, *grid, dim]
}

MIXWRIGHT_PLUGIN("abi1_projection",
                 "0.1.0",
                 "Apache-2.0",
                 projection<Abi1Projection>("abi1_projection",
                                            "a projection of low rank",
                                            "your paper"))
