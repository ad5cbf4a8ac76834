#include "convolutional.h"

#include <mixwright/error.h>

#include "meeting.h"

namespace mixwright::energy {

Convolutional::Convolutional(const Options& options, const BuildContext& context) {
  const std::vector<Shape>& layers = meeting_layers(context, 2, 2);
  const Shape& first = layers[0];
  const Shape& second = layers[1];
  if (second.grid.empty() || second.rank() > 3) {
    throw Error("the second layer " + second.text() +
                " has no grid of one to three dimensions to look at");
  }
  std::vector<int64_t> grid = second.grid;
  for (int64_t& side : grid) side = (side - 1) / options.stride + 1;
  if (first.grid != grid) {
    throw Error("the first layer is " + first.text() + ", the window makes a grid of " +
                list_text(grid) + " of the second layer's " + list_text(second.grid));
  }
  const auto rank = static_cast<size_t>(second.rank());
  stride_.assign(rank, options.stride);
  padding_.assign(rank, options.kernel / 2);
  std::vector<int64_t> sizes = {first.channels, second.channels};
  sizes.insert(sizes.end(), rank, options.kernel);
  weight_ = register_parameter("weight", torch::randn(sizes) * options.init_std);
}

torch::Tensor Convolutional::there(const torch::Tensor& second, at::IntArrayRef) const {
  const std::vector<int64_t> ones(stride_.size(), 1);
  const std::vector<int64_t> none(stride_.size(), 0);
  return torch::convolution(
             second.movedim(-1, 1), weight_, {}, stride_, padding_, ones, false, none, 1)
      .movedim(1, -1)  // [B, C1, *grid] -> [B, *grid, C1]
      .contiguous();
}

torch::Tensor Convolutional::back(const torch::Tensor& first, at::IntArrayRef second_sizes) const {
  const std::vector<int64_t> ones(stride_.size(), 1);
  std::vector<int64_t> missed;  // places behind the last window's middle
  for (size_t i = 0; i < stride_.size(); ++i) {
    missed.push_back(second_sizes[i + 1] - 1 -
                     (first.size(static_cast<int64_t>(i) + 1) - 1) * stride_[i]);
  }
  return torch::convolution(
             first.movedim(-1, 1), weight_, {}, stride_, padding_, ones, true, missed, 1)
      .movedim(1, -1)  // [B, C2, *grid] -> [B, *grid, C2]
      .contiguous();
}

}  // namespace mixwright::energy
