#include "linear.h"

namespace mixwright::metamixer {

Linear::Linear(const Options& options, const BuildContext& context) {
  const int64_t dim = options.dim.value_or(context.dim);
  linear_ = register_module(
      "linear",
      torch::nn::Linear(torch::nn::LinearOptions(context.shape.channels, dim).bias(options.bias)));
  set_out_shape(context.shape.with_channels(dim));
}

torch::Tensor Linear::forward(const torch::Tensor& x) {
  return linear_(x);
}

}  // namespace mixwright::metamixer
