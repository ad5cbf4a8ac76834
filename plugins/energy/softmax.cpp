#include "softmax.h"

#include "actions.h"

namespace mixwright::energy {

torch::Tensor Softmax::value(const torch::Tensor& x) const {
  return torch::logsumexp(in_groups(x, over_) * beta_, -1).sum(1) / beta_;  // [B, groups] -> [B]
}

torch::Tensor Softmax::gradient(const torch::Tensor& x) const {
  return torch::softmax(in_groups(x, over_) * beta_, -1).view(x.sizes());
}

Action Softmax::activation_into(const torch::Tensor& g, const torch::Tensor& x) const {
  const torch::Tensor scaled = torch::empty_like(x);
  return softmax_into(in_groups(g, over_), in_groups(scaled, over_), in_groups(x, over_), beta_);
}

torch::Tensor Softmax::hessian_product(const torch::Tensor& x, const torch::Tensor& v) const {
  const torch::Tensor p = torch::softmax(in_groups(x, over_) * beta_, -1);
  const torch::Tensor weighted = p * in_groups(v, over_);
  return ((weighted - p * weighted.sum(-1, /*keepdim=*/true)) * beta_).view(x.sizes());
}

}  // namespace mixwright::energy
