#include "depthwise_embedding.h"

#include <string>

#include <mixwright/error.h>

namespace mixwright::convolution {

DepthwiseEmbedding::DepthwiseEmbedding(const Options& options, const BuildContext& context) {
  const int64_t in = context.shape.channels;
  const int64_t out = options.keep_dim ? in : context.dim;
  if (out < 1 || out % in != 0) {
    throw Error("dim = " + std::to_string(out) + " must be a multiple of the " +
                std::to_string(in) +
                " channels that come in; set keep_dim = true and widen behind it");
  }
  build(options, context, out, options.stride);
}

torch::Tensor DepthwiseEmbedding::forward_in_context(const torch::Tensor& x,
                                                     const Context& context) {
  return sum_of_branches(x, context);
}

}  // namespace mixwright::convolution
