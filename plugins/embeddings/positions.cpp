#include "positions.h"

#include <string>

#include <mixwright/error.h>
#include <mixwright/layers.h>

namespace mixwright::embeddings {

Positions::Positions(const PositionsOptions& options, int64_t width, const BuildContext& context)
    : combine_(options.combine) {
  if (options.project) {
    proj_ = register_module("proj", torch::nn::Linear(width, *options.project));
    width = *options.project;
  }
  const int64_t channels = context.shape.channels;
  if (combine_ == Combine::kConcat) {
    set_out_shape(context.shape.with_channels(channels + width));
  } else if (width != channels) {
    throw Error("combine = \"add\": positions of " + std::to_string(width) +
                " numbers do not add to features of " + std::to_string(channels) +
                " channels; give project = " + std::to_string(channels) +
                ", or combine = \"concat\"");
  }
}

torch::Tensor Positions::combined(const torch::Tensor& x, const torch::Tensor& positions) {
  const torch::Tensor p = proj_ ? proj_(positions) : positions;
  if (combine_ == Combine::kAdd) return x + p;
  std::vector<int64_t> sizes = x.sizes().vec();
  sizes.back() = p.size(-1);
  return torch::cat({contiguous_gradient(x), p.expand(sizes)}, -1);
}

}  // namespace mixwright::embeddings
