#include "softmax.h"

#include <limits>

#include <mixwright/layers.h>

namespace mixwright::activations {

Softmax::Softmax(const Options& options) : over_(options.over) {}

torch::Tensor Softmax::forward_in_context(const torch::Tensor& x, const Context& context) {
  if (over_ == ShareOver::kChannels) return torch::softmax(x, -1);
  torch::Tensor in = flatten_grid(x);  // [B, N, C]
  const torch::Tensor& mask = context.padding_mask;
  if (mask.defined() && mask.sizes() == x.sizes().slice(0, x.dim() - 1)) {
    in = in.masked_fill(mask.to(torch::kBool).logical_not().flatten(1).unsqueeze(-1),
                        -std::numeric_limits<double>::infinity());
  }
  return torch::softmax(in, 1).view(x.sizes());
}

}  // namespace mixwright::activations
