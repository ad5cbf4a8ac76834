#include "rectified_polynomial.h"

#include "sums.h"

namespace mixwright::energy {

namespace {

/// x^power where x > 0, else 0; its derivative is finite below zero, too, whatever the power.
torch::Tensor rectified_power(const torch::Tensor& x, double power) {
  const torch::Tensor above = x > 0;
  return torch::where(above, x, torch::ones_like(x)).pow(power) * above.to(x.scalar_type());
}

}  // namespace

torch::Tensor RectifiedPolynomial::value(const torch::Tensor& x) const {
  return sum_of_sample(rectified_power(x, power_)) / power_;
}

torch::Tensor RectifiedPolynomial::gradient(const torch::Tensor& x) const {
  return rectified_power(x, power_ - 1);
}

torch::Tensor RectifiedPolynomial::hessian_product(const torch::Tensor& x,
                                                   const torch::Tensor& v) const {
  return rectified_power(x, power_ - 2) * (power_ - 1) * v;
}

}  // namespace mixwright::energy
