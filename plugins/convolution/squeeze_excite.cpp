#include "squeeze_excite.h"

#include <algorithm>
#include <vector>

namespace mixwright::convolution {

namespace {

/// The multiple of `step` nearest to `width`, at least one step.
int64_t rounded(double width, int64_t step) {
  const auto half_up = static_cast<int64_t>(width + static_cast<double>(step) / 2);
  return std::max(step, half_up / step * step);
}

/// Mean over the grid, [B, C]; `mask` [B, *grid] is true where there is a token, or undefined.
torch::Tensor grid_mean(const torch::Tensor& x, const torch::Tensor& mask) {
  const torch::Tensor tokens = flatten_grid(x);  // [B, N, C]
  if (!mask.defined()) return tokens.mean(1);
  const torch::Tensor weight = mask.flatten(1).to(x.dtype()).unsqueeze(-1);  // [B, N, 1]
  return (tokens * weight).sum(1) / weight.sum(1).clamp_min(1);
}

}  // namespace

template <class Kind>
SqueezeExcite<Kind>::SqueezeExcite(const Options& options, const BuildContext& context) {
  const int64_t channels = context.shape.channels;
  const int64_t width = options.hidden.value_or(
      rounded(options.ratio * static_cast<double>(channels), options.round_to));
  fc1_ = this->register_module("fc1", torch::nn::Linear(channels, width));
  Shape squeezed;
  squeezed.channels = width;
  activation_ = this->add(options.activation, context.with_shape(squeezed));
  fc2_ = this->register_module("fc2", torch::nn::Linear(width, channels));
}

template <class Kind>
torch::Tensor SqueezeExcite<Kind>::forward_in_context(const torch::Tensor& x,
                                                      const Context& context) {
  const torch::Tensor squeezed =
      run(activation_, apply_linear(grid_mean(x, context.padding_mask), fc1_), context);
  std::vector<int64_t> sizes(static_cast<size_t>(x.dim()), 1);  // [B, 1, ..., C]
  sizes.front() = x.size(0);
  sizes.back() = x.size(-1);
  return contiguous_gradient(x) * apply_linear(squeezed, fc2_).sigmoid().view(sizes);
}

template class SqueezeExcite<TokenMixer>;
template class SqueezeExcite<ChannelMixer>;

}  // namespace mixwright::convolution
