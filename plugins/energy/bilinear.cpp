#include "bilinear.h"

#include "sums.h"

namespace mixwright::energy {

torch::Tensor Bilinear::energy(const std::vector<torch::Tensor>& g) const {
  return -sum_of_sample(g[0] * there(g[1], g[0].sizes()));
}

torch::Tensor Bilinear::gradient(const std::vector<torch::Tensor>& g, size_t i) const {
  return i == 0 ? -there(g[1], g[0].sizes()) : -back(g[0], g[1].sizes());
}

}  // namespace mixwright::energy
