#include "convolution.h"

#include <string>
#include <vector>

#include <mixwright/error.h>
#include <mixwright/layers.h>

namespace mixwright::metamixer {

namespace {

/// [R, *kernel, C] -> [R x C, 1, *kernel]
torch::Tensor as_weight(const torch::Tensor& kernel) {
  return kernel.movedim(-1, 1).flatten(0, 1).unsqueeze(1).contiguous();
}

}  // namespace

Convolution::Convolution(const Options& options, const BuildContext& context) {
  const Shape& left = context.shape;
  const Shape& kernel = right_shape(context);
  require_plain_grid(left, "a convolution");
  if (kernel.rank() != left.rank() || kernel.channels != left.channels) {
    throw Error("kernel " + kernel.text() + " does not fit " + left.text() +
                "; a convolution takes as many dimensions and channels");
  }
  for (const int64_t side : kernel.grid) {
    if (side % 2 == 0) throw Error("kernel " + kernel.text() + " must have odd sides");
  }
  if (options.bias) bias_ = register_parameter("bias", torch::zeros({left.channels}));
}

torch::Tensor Convolution::forward(const torch::Tensor& left, const torch::Tensor& kernel) {
  const int64_t rows = kernel.size(0);
  if (rows == 1) return depthwise_over_grid(left, as_weight(kernel), bias_);
  // A kernel for each row: rows stand beside the channels, which are convolved apart anyway.
  // [B, *grid, C] -> [B / R, R, *grid, C] -> [B / R, *grid, R, C] -> [B / R, *grid, R x C]
  const torch::Tensor wide = left.unflatten(0, {-1, rows}).movedim(1, -2).flatten(-2);
  const torch::Tensor y = depthwise_over_grid(wide.contiguous(), as_weight(kernel))
                              .unflatten(-1, {rows, -1})
                              .movedim(-2, 1)
                              .reshape(left.sizes());
  return bias_.defined() ? y + bias_.to(y.scalar_type()) : y;
}

}  // namespace mixwright::metamixer
