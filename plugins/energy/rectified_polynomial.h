#pragma once

#include <mixwright/in_place.h>
#include <mixwright/lagrangian.h>

namespace mixwright::energy {

struct RectifiedPolynomialOptions {
  double power = 2;
};
MIXWRIGHT_OPTIONS(RectifiedPolynomialOptions,
                  field("power", &RectifiedPolynomialOptions::power)
                      .at_least(1)
                      .doc("n, whole or not; 2 is relu, higher ones store more patterns"))

/// Rectified polynomial of any power.
///
///   L(x) = 1/n sum_i max(x_i, 0)^n,  g = max(x, 0)^(n-1)
///
/// Shape: x [B, *grid, C].
/// Params: RectifiedPolynomialOptions.
/// Source: Krotov, Hopfield 2016, arXiv:1606.01164 (dense associative memory).
/// Deviates: none.
class RectifiedPolynomial final : public Lagrangian, public WritesActivation {
 public:
  using Options = RectifiedPolynomialOptions;
  explicit RectifiedPolynomial(const Options& options) : power_(options.power) {}
  torch::Tensor value(const torch::Tensor& x) const override;
  torch::Tensor gradient(const torch::Tensor& x) const override;
  torch::Tensor hessian_product(const torch::Tensor& x, const torch::Tensor& v) const override;
  bool is_convex() const override { return true; }
  Action activation_into(const torch::Tensor& g, const torch::Tensor& x) const override;

 private:
  double power_;
};

}  // namespace mixwright::energy
