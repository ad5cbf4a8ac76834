#include "per_sample.h"

namespace mixwright::energy {

torch::Tensor largest_of_each(const torch::Tensor& x) {
  return x.detach().abs().flatten(1).amax(1);
}

torch::Tensor chosen(const torch::Tensor& first, const torch::Tensor& a, const torch::Tensor& b) {
  std::vector<int64_t> sizes(static_cast<size_t>(a.dim()), 1);
  sizes[0] = -1;
  return torch::where(first.view(sizes), a, b);  // [B, 1, ...] against [B, ...]
}

}  // namespace mixwright::energy
