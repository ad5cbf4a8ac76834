#pragma once

#include <cstdint>
#include <vector>

#include <mixwright/shape.h>

namespace mixwright::convolution {

/// One kernel side for each dimension of the grid: `kernels` where it is given, else `kernel` for
/// each. Throws Error where `kernels` has another count than the grid has dimensions, a side below
/// one, or the shape begins with prefix tokens, which lie on no grid.
std::vector<int64_t> kernel_sizes(int64_t kernel,
                                  const std::vector<int64_t>& kernels,
                                  const Shape& shape);

}  // namespace mixwright::convolution
