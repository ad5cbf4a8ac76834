#include "conv_mlp.h"

#include <string>

#include <mixwright/error.h>
#include <mixwright/inference.h>

#include "kernel_sizes.h"

namespace mixwright::convolution {

ConvMlp::ConvMlp(const Options& options, const BuildContext& context) : dropout_(options.dropout) {
  const int64_t channels = context.shape.channels;
  const int64_t hidden =
      options.hidden.value_or(static_cast<int64_t>(options.ratio * static_cast<double>(channels)));
  if (hidden < 1) {
    throw Error("ratio = " + ConfigValue(options.ratio).toml() +
                " of C = " + std::to_string(channels) +
                " channels leaves no hidden unit; give a larger ratio, or hidden");
  }
  using torch::nn::LinearOptions;
  fc1_ =
      register_module("fc1", torch::nn::Linear(LinearOptions(channels, hidden).bias(options.bias)));
  ConvolutionSizes sizes;
  sizes.in = hidden;
  sizes.out = hidden;
  sizes.kernel = kernel_sizes(options.kernel, options.kernels, context.shape);
  sizes.groups = hidden;
  sizes.bias = options.bias;
  dwconv_ = register_module("dwconv", GridConvolution(sizes));
  activation_ = add(options.activation, context.with_shape(context.shape.with_channels(hidden)));
  fc2_ =
      register_module("fc2", torch::nn::Linear(LinearOptions(hidden, channels).bias(options.bias)));
}

torch::Tensor ConvMlp::forward_in_context(const torch::Tensor& x, const Context& context) {
  const torch::Tensor h = torch::dropout(coefficients(x, context), dropout_, is_training());
  return torch::dropout(apply_linear(h, fc2_), dropout_, is_training());
}

LayerPtr ConvMlp::for_inference_within(const Surroundings& around) {
  const Shape hidden = out_shape().with_channels(fc1_->weight.size(0));
  return fused({as_layer(fc1_->weight, fc1_->bias, hidden),
                as_layer(dwconv_, hidden),
                activation_,
                as_layer(fc2_->weight, fc2_->bias, out_shape())},
               around);
}

torch::Tensor ConvMlp::coefficients(const torch::Tensor& x, const Context& context) {
  return run(activation_, dwconv_(apply_linear(x, fc1_)), context);
}

torch::Tensor ConvMlp::values() const {
  return fc2_->weight.detach().t();
}

}  // namespace mixwright::convolution
