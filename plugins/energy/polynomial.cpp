#include "polynomial.h"

#include "sums.h"

namespace mixwright::energy {

namespace {

/// x^power by products: a general power takes logarithms, which is slower and less exact.
torch::Tensor power_of(const torch::Tensor& x, int64_t power) {
  if (power == 0) return torch::ones_like(x);
  if (power == 1) return x;
  const torch::Tensor root = power_of(x, power / 2);
  const torch::Tensor square = root * root;
  return power % 2 == 0 ? square : square * x;
}

}  // namespace

torch::Tensor Polynomial::value(const torch::Tensor& x) const {
  return sum_of_sample(power_of(x, power_)) / power_;
}

torch::Tensor Polynomial::gradient(const torch::Tensor& x) const {
  return power_of(x, power_ - 1);
}

torch::Tensor Polynomial::hessian_product(const torch::Tensor& x, const torch::Tensor& v) const {
  return power_of(x, power_ - 2) * (power_ - 1) * v;
}

}  // namespace mixwright::energy
