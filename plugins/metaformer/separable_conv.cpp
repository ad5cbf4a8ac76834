#include "separable_conv.h"

#include <string>

#include <mixwright/error.h>
#include <mixwright/inference.h>

namespace mixwright::metaformer {

SeparableConv::SeparableConv(const Options& options, const BuildContext& context) {
  const Shape& shape = context.shape;
  require_plain_grid(shape, "a convolution");
  const int64_t hidden = options.hidden.value_or(
      static_cast<int64_t>(options.ratio * static_cast<double>(shape.channels)));
  if (hidden < 1) {
    throw Error("ratio = " + ConfigValue(options.ratio).toml() +
                " of C = " + std::to_string(shape.channels) +
                " channels leaves no hidden unit; give a larger ratio, or hidden");
  }
  using torch::nn::LinearOptions;
  pwconv1_ = register_module(
      "pwconv1", torch::nn::Linear(LinearOptions(shape.channels, hidden).bias(options.bias)));
  act1_ = add("act1", options.activation, context.with_shape(shape.with_channels(hidden)));
  ConvolutionSizes sizes;
  sizes.in = hidden;
  sizes.out = hidden;
  sizes.kernel.assign(shape.grid.size(), options.kernel);
  sizes.groups = hidden;
  sizes.bias = options.bias;
  dwconv_ = register_module("dwconv", GridConvolution(sizes));
  pwconv2_ = register_module(
      "pwconv2", torch::nn::Linear(LinearOptions(hidden, shape.channels).bias(options.bias)));
}

torch::Tensor SeparableConv::forward_in_context(const torch::Tensor& x, const Context& context) {
  const torch::Tensor h = run(act1_, apply_linear(x, pwconv1_), context);
  return apply_linear(dwconv_(h), pwconv2_);
}

LayerPtr SeparableConv::for_inference_within(const Surroundings& around) {
  const Shape hidden = out_shape().with_channels(pwconv1_->weight.size(0));
  return fused({as_layer(pwconv1_->weight, pwconv1_->bias, hidden),
                act1_,
                as_layer(dwconv_, hidden),
                as_layer(pwconv2_->weight, pwconv2_->bias, out_shape())},
               around);
}

}  // namespace mixwright::metaformer
