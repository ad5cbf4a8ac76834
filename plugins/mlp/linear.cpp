#include "linear.h"

namespace mixwright::mlp {

TokenLinear::TokenLinear(const Options& options, const BuildContext& context)
    : tokens_(context.shape.tokens()) {
  linear_ = register_module(
      "linear", torch::nn::Linear(torch::nn::LinearOptions(tokens_, tokens_).bias(options.bias)));
}

torch::Tensor TokenLinear::forward(const torch::Tensor& x) {
  return TokenAxis::apply(TokenAxis::open(x, tokens_), linear_->weight, linear_->bias)
      .view(x.sizes());
}

ChannelLinear::ChannelLinear(const Options& options, const BuildContext& context)
    : channels_(context.shape.channels) {
  const int64_t out = options.dim == 0 ? channels_ : options.dim;
  linear_ = register_module(
      "linear", torch::nn::Linear(torch::nn::LinearOptions(channels_, out).bias(options.bias)));
  set_out_shape(context.shape.with_channels(out));
}

torch::Tensor ChannelLinear::forward(const torch::Tensor& x) {
  return ChannelAxis::apply(ChannelAxis::open(x, channels_), linear_->weight, linear_->bias);
}

}  // namespace mixwright::mlp
