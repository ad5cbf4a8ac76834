#include "abi1_embedding.h"

Abi1Embedding::Abi1Embedding(const Options& options, const mixwright::BuildContext& context) {
  const auto rank = context.shape.grid.size();
  mixwright::ConvolutionSizes sizes;
  sizes.in = context.shape.channels;
  sizes.out = context.dim;  // the width that the stage asks for
  sizes.kernel.assign(rank, options.kernel);
  sizes.stride.assign(rank, options.stride);
  conv_ = register_module("conv", mixwright::GridConvolution(sizes));

  mixwright::Shape shape;
  shape.grid = conv_->out_grid(context.shape.grid);
  shape.channels = context.dim;
  set_out_shape(shape);
}

torch::Tensor Abi1Embedding::forward(const torch::Tensor& x) {
  return conv_->forward(x);  // channels stay last, whatever the rank of the grid
}

MIXWRIGHT_PLUGIN("abi1_embedding",
                 "0.1.0",
                 "Apache-2.0",
                 embedding<Abi1Embedding>("abi1_embedding",
                                          "overlapping windows become tokens",
                                          "your paper"))
