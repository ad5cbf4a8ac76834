#include "rows.h"

#include <vector>

#include <mixwright/layers.h>

namespace mixwright::metamixer {

torch::Tensor times_rows(const torch::Tensor& left, const torch::Tensor& right) {
  const int64_t rows = right.size(0);
  // One matrix for all: a single product over all tokens.
  if (rows == 1) return torch::matmul(left, right[0]);
  std::vector<int64_t> sizes = left.sizes().vec();
  sizes.back() = right.size(-1);
  // [B, N, C] -> [B / R, R, N, C] x [R, C, M]
  const torch::Tensor grouped = flatten_grid(left).unflatten(0, {-1, rows});
  return torch::matmul(grouped, right).view(sizes);
}

}  // namespace mixwright::metamixer
