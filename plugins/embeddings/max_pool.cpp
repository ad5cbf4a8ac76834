#include "max_pool.h"

#include <mixwright/error.h>
#include <mixwright/layers.h>

#include "grid_sizes.h"

namespace mixwright::embeddings {

namespace {

/// Window, step and border of one pass, in each of two dimensions.
struct Pass {
  std::vector<int64_t> kernel;
  std::vector<int64_t> stride;
  std::vector<int64_t> padding;
};

/// [B, H, W, C] -> [B, H', W', C].
torch::Tensor picture_max(const torch::Tensor& x, const Pass& pass) {
  return torch::max_pool2d(x.movedim(-1, 1), pass.kernel, pass.stride, pass.padding)
      .movedim(1, -1)
      .contiguous();
}

}  // namespace

MaxPool::MaxPool(const Options& options, const BuildContext& context) : sizes_(options) {
  require_grid(context.shape);
  if (context.shape.rank() > 3) {
    throw Error("max_pool works on grids of 1 to 3 dimensions, this grid has " +
                std::to_string(context.shape.rank()));
  }
  if (2 * options.padding > options.kernel) {
    throw Error("padding = " + std::to_string(options.padding) + " is more than half of kernel = " +
                std::to_string(options.kernel) + "; a window could see nothing but border");
  }
  set_out_shape(context.shape.with_grid(pooled(context.shape.grid)));
}

std::vector<int64_t> MaxPool::pooled(torch::IntArrayRef grid) const {
  std::vector<int64_t> result;
  for (const int64_t side : grid) {
    const int64_t free = side + 2 * sizes_.padding - sizes_.kernel;
    if (free < 0) {
      throw Error("windows of " + std::to_string(sizes_.kernel) + " do not fit into the grid " +
                  list_text(grid.vec()) + " with padding " + std::to_string(sizes_.padding) +
                  "; give a smaller kernel, or a larger input");
    }
    result.push_back(free / sizes_.stride + 1);
  }
  return result;
}

torch::Tensor MaxPool::forward(const torch::Tensor& input) {
  const torch::Tensor x = contiguous_gradient(input);
  pooled(x.sizes().slice(1, x.dim() - 2));  // refuses what is too small in our words
  const int64_t kernel = sizes_.kernel;
  const int64_t stride = sizes_.stride;
  const int64_t padding = sizes_.padding;
  const Pass line{{1, kernel}, {1, stride}, {0, padding}};
  const Pass square{{kernel, kernel}, {stride, stride}, {padding, padding}};
  if (x.dim() == 3) return picture_max(x.unsqueeze(1), line).squeeze(1);
  if (x.dim() == 4) return picture_max(x, square);
  // The largest of the largest, since a window is a product: max_pool3d would permute memory.
  const torch::Tensor planes = picture_max(x.flatten(0, 1), square)  // [B x D, H', W', C]
                                   .unflatten(0, {x.size(0), x.size(1)});
  const Pass column{{kernel, 1}, {stride, 1}, {padding, 0}};
  const torch::Tensor columns = picture_max(planes.flatten(2, 3), column);  // [B, D', H' x W', C]
  return columns.unflatten(2, {planes.size(2), planes.size(3)});
}

}  // namespace mixwright::embeddings
