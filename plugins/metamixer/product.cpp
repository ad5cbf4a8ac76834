#include "product.h"

#include <mixwright/error.h>
#include <mixwright/layers.h>

namespace mixwright::metamixer {

Product::Product(const BuildContext& context) : of_one_token_(right_shape(context).tokens() == 1) {
  const Shape& right = right_shape(context);
  if (right.channels != context.shape.channels ||
      !(of_one_token_ || right.grid == context.shape.grid)) {
    throw Error("right operand " + right.text() + " does not fit " + context.shape.text() +
                "; a product takes the same shape, or one token");
  }
}

torch::Tensor Product::forward(const torch::Tensor& left, const torch::Tensor& right) {
  // [B, N, C] -> [B / R, R, N, C] x [R, N or 1, C]
  const torch::Tensor grouped = flatten_grid(left).unflatten(0, {-1, right.size(0)});
  return (grouped * flatten_grid(right)).view(left.sizes());
}

}  // namespace mixwright::metamixer
