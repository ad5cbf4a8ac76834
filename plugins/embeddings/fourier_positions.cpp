#include "fourier_positions.h"

#include <numbers>

#include <mixwright/error.h>

#include "grid_sizes.h"

namespace mixwright::embeddings {

namespace {

int64_t width_of(const FourierPositionsOptions& options, const Shape& shape) {
  return shape.rank() * ((options.coordinates ? 1 : 0) + options.bands * (options.cosine ? 2 : 1));
}

/// -1 ... 1 along dimension `i` of the grid, [*grid].
torch::Tensor coordinate(torch::IntArrayRef grid, size_t i) {
  std::vector<int64_t> sizes(grid.size(), 1);
  sizes[i] = grid[i];
  return torch::linspace(-1, 1, grid[i], torch::kFloat32).view(sizes).expand(grid);
}

}  // namespace

FourierPositions::FourierPositions(const Options& options, const BuildContext& context)
    : Positions(options, width_of(options, context.shape), context),
      bands_(options.bands),
      cosine_(options.cosine),
      coordinates_(options.coordinates),
      resolution_(context.shape.grid),
      grid_(context.shape.grid) {
  require_grid(context.shape);
  if (!options.resolution.empty()) {
    resolution_ = grid_sizes(context.shape, 0, options.resolution, "resolution");
  }
  table_ = table_for(grid_);
}

/// In float32 whatever the features are: bfloat16 holds no phase of a high frequency.
torch::Tensor FourierPositions::table_for(torch::IntArrayRef grid) const {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> coordinates;
  std::vector<torch::Tensor> phases;
  for (size_t i = 0; i < grid.size(); ++i) {
    const torch::Tensor place = coordinate(grid, i).unsqueeze(-1);  // [*grid, 1]
    const double highest = static_cast<double>(resolution_[i]) / 2;
    coordinates.push_back(place);
    phases.push_back(std::numbers::pi * (place * torch::linspace(1, highest, bands_)));
  }
  const torch::Tensor phase = torch::cat(phases, -1);  // [*grid, r x bands]
  std::vector<torch::Tensor> parts;
  if (coordinates_) parts = coordinates;
  parts.push_back(phase.sin());
  if (cosine_) parts.push_back(phase.cos());
  return torch::cat(parts, -1);
}

torch::Tensor FourierPositions::forward(const torch::Tensor& x) {
  const auto grid = x.sizes().slice(1, x.dim() - 2);
  if (grid.size() != grid_.size()) {
    throw Error("the input's grid " + list_text(grid.vec()) + " has " +
                std::to_string(grid.size()) + " dimensions, positions were made for " +
                std::to_string(grid_.size()));
  }
  const torch::Tensor table = grid == torch::IntArrayRef(grid_) ? table_ : table_for(grid);
  return combined(x, table.to(x.options()));
}

}  // namespace mixwright::embeddings
