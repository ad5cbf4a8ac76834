#include "depthwise_conv.h"

namespace mixwright::convolution {

DepthwiseConv::DepthwiseConv(const Options& options, const BuildContext& context) {
  build(options, context, context.shape.channels, 1);
}

torch::Tensor DepthwiseConv::forward_in_context(const torch::Tensor& x, const Context& context) {
  return sum_of_branches(x, context);
}

}  // namespace mixwright::convolution
