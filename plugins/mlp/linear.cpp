#include "linear.h"

#include "packed.h"

namespace mixwright::mlp {

TokenLinear::TokenLinear(const Options& options, const BuildContext& context)
    : shape_(context.shape), tokens_(context.shape.tokens()) {
  linear_ = register_module(
      "linear", torch::nn::Linear(torch::nn::LinearOptions(tokens_, tokens_).bias(options.bias)));
}

torch::Tensor TokenLinear::forward(const torch::Tensor& x) {
  return TokenAxis::apply(TokenAxis::open(x, tokens_), linear_->weight, linear_->bias)
      .view(x.sizes());
}

ChannelLinear::ChannelLinear(const Options& options, const BuildContext& context)
    : shape_(context.shape), channels_(context.shape.channels) {
  const int64_t out = options.dim == 0 ? channels_ : options.dim;
  linear_ = register_module(
      "linear", torch::nn::Linear(torch::nn::LinearOptions(channels_, out).bias(options.bias)));
  set_out_shape(context.shape.with_channels(out));
}

torch::Tensor ChannelLinear::forward(const torch::Tensor& x) {
  return ChannelAxis::apply(ChannelAxis::open(x, channels_), linear_->weight, linear_->bias);
}

LayerPtr TokenLinear::for_inference_within(const Surroundings& around) {
  return packed<TokenAxis>({product(linear_->weight, linear_->bias, shape_)}, shape_, around);
}

LayerPtr ChannelLinear::for_inference_within(const Surroundings& around) {
  return packed<ChannelAxis>({product(linear_->weight, linear_->bias, shape_)}, shape_, around);
}

}  // namespace mixwright::mlp
