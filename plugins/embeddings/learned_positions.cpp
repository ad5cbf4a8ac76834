#include "learned_positions.h"

#include <mixwright/error.h>

namespace mixwright::embeddings {

LearnedPositions::LearnedPositions(const Options& options, const BuildContext& context)
    : Positions(options, options.dim.value_or(context.shape.channels), context),
      grid_(context.shape.grid) {
  pos_embed_ = register_parameter(
      "pos_embed",
      torch::empty({context.shape.tokens(), options.dim.value_or(context.shape.channels)}));
  initialize();
}

void LearnedPositions::initialize() {
  torch::nn::init::normal_(pos_embed_, 0, 0.02);  // as vision transformers' tables
}

torch::Tensor LearnedPositions::forward(const torch::Tensor& x) {
  const auto grid = x.sizes().slice(1, x.dim() - 2);
  if (grid != torch::IntArrayRef(grid_)) {
    throw Error("the input's grid is " + list_text(grid.vec()) + ", positions were made for " +
                list_text(grid_) + "; resize the input, or take fourier_positions");
  }
  std::vector<int64_t> sizes = grid_;
  sizes.push_back(-1);
  return combined(x, pos_embed_.view(sizes));  // [N, dim] -> [*grid, dim]
}

}  // namespace mixwright::embeddings
