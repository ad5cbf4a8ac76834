#include "partial_conv.h"

#include <string>

#include <mixwright/error.h>

#include "kernel_sizes.h"

namespace mixwright::convolution {

PartialConv::PartialConv(const Options& options, const BuildContext& context)
    : convolved_(context.shape.channels / options.divide) {
  if (convolved_ < 1) {
    throw Error("divide = " + std::to_string(options.divide) + " leaves none of the C = " +
                std::to_string(context.shape.channels) + " channels to convolve; give at most C");
  }
  ConvolutionSizes sizes;
  sizes.in = convolved_;
  sizes.out = convolved_;
  sizes.kernel = kernel_sizes(options.kernel, options.kernels, context.shape);
  sizes.bias = options.bias;
  conv_ = register_module("conv", GridConvolution(sizes));
}

torch::Tensor PartialConv::forward(const torch::Tensor& x) {
  const auto parts = x.split_with_sizes({convolved_, x.size(-1) - convolved_}, -1);
  const torch::Tensor first = parts[0].contiguous();
  return torch::cat({packed_ ? (*packed_)(first) : conv_(first), parts[1]}, -1);
}

LayerPtr PartialConv::for_inference() {
  auto form = std::make_shared<PartialConv>(*this);
  form->packed_.emplace(conv_);
  return form;
}

}  // namespace mixwright::convolution
