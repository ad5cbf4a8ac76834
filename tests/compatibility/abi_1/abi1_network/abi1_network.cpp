#include "abi1_network.h"

#include <mixwright/error.h>

Abi1Network::Abi1Network(const Options& options, const mixwright::BuildContext& context)
    : rounds_(options.rounds) {
  const size_t rank = context.shape.grid.size();
  mixwright::ConvolutionSizes sizes;
  sizes.in = context.shape.channels;
  sizes.out = options.dim;
  sizes.kernel.assign(rank, options.patch);
  sizes.stride.assign(rank, options.patch);
  sizes.padding.assign(rank, 0);
  patches_ = register_module("patches", mixwright::GridConvolution(sizes));

  mixwright::Shape tokens;
  tokens.grid = patches_->out_grid(context.shape.grid);
  tokens.channels = options.dim;
  block_ = add(options.block, context.with_shape(tokens).with_dim(options.dim));
  if (!block_) throw mixwright::Error("block is \"none\"; name a block");
  if (!(block_->out_shape() == tokens)) {
    throw mixwright::Error("block makes " + block_->out_shape().text() + " of " + tokens.text() +
                           "; take one that keeps the shape");
  }
  set_out_shape(tokens);
}

torch::Tensor Abi1Network::forward_in_context(const torch::Tensor& x,
                                              const mixwright::Context& context) {
  const torch::Tensor seen = patches_->forward(x);  // [B, *grid, C] -> [B, *tokens, dim]
  torch::Tensor state = mixwright::run(block_, seen, context);
  for (int64_t round = 1; round < rounds_; ++round) {
    state = mixwright::run(block_, state + seen, context);
  }
  return state;
}

MIXWRIGHT_PLUGIN(
    "abi1_network",
    "0.1.0",
    "Apache-2.0",
    network<Abi1Network>("abi1_network", "one block that sees the input again", "your paper")
        .example("dim = 8\n"
                 "patch = 1\n"
                 "block = { type = \"serial\", norm = \"layer_norm\", channel_mixer = { type = "
                 "\"mlp\", ratio = 2.0 } }"))
