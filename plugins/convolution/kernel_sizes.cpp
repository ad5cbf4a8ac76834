#include "kernel_sizes.h"

#include <algorithm>
#include <string>

#include <mixwright/error.h>
#include <mixwright/layers.h>

namespace mixwright::convolution {

std::vector<int64_t> kernel_sizes(int64_t kernel,
                                  const std::vector<int64_t>& kernels,
                                  const Shape& shape) {
  require_plain_grid(shape, "a convolution");
  if (kernels.empty()) return std::vector<int64_t>(shape.grid.size(), kernel);
  if (kernels.size() != shape.grid.size()) {
    throw Error("kernels = " + list_text(kernels) + " has " + std::to_string(kernels.size()) +
                " sides, the grid " + list_text(shape.grid) + " has " +
                std::to_string(shape.grid.size()) + " dimensions");
  }
  if (*std::min_element(kernels.begin(), kernels.end()) < 1) {
    throw Error("kernels = " + list_text(kernels) + ": each side must be at least 1");
  }
  return kernels;
}

}  // namespace mixwright::convolution
