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

Action RectifiedPolynomial::activation_into(const torch::Tensor& g, const torch::Tensor& x) const {
  if (power_ == 1) return nullptr;  // 0^0 would be 1
  return [g, x, power = power_] {
    torch::Tensor result = g;
    torch::clamp_min_out(result, x, 0);
    if (power != 2) result.pow_(power - 1);
  };
}

torch::Tensor RectifiedPolynomial::hessian_product(const torch::Tensor& x,
                                                   const torch::Tensor& v) const {
  return rectified_power(x, power_ - 2) * (power_ - 1) * v;
}

}  // namespace mixwright::energy
