#include "l1_norm.h"

namespace mixwright::norms {

L1Norm::L1Norm(const Options& options) : eps_(options.eps) {}

torch::Tensor L1Norm::forward(const torch::Tensor& x) {
  return x / (x.norm(1, {-1}, /*keepdim=*/true) + eps_);
}

}  // namespace mixwright::norms
