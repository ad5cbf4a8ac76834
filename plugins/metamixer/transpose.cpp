#include "transpose.h"

#include <string>

#include <mixwright/error.h>
#include <mixwright/layers.h>

namespace mixwright::metamixer {

Transpose::Transpose(const BuildContext& context) : tokens_(context.shape.tokens()) {
  Shape shape;
  shape.grid = {context.shape.channels};
  shape.channels = tokens_;
  set_out_shape(shape);
}

torch::Tensor Transpose::forward(const torch::Tensor& x) {
  const torch::Tensor tokens = flatten_grid(contiguous_gradient(x));  // [B, N, C]
  if (tokens.size(1) != tokens_) {
    throw Error("input " + list_text(x.sizes().vec()) +
                " has N = " + std::to_string(tokens.size(1)) + " tokens, it was built for " +
                std::to_string(tokens_) + "; give inputs of the size that model.input states");
  }
  return tokens.transpose(1, 2).contiguous();  // [B, C, N]
}

}  // namespace mixwright::metamixer
