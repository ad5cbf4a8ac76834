#pragma once

#include <mixwright/lagrangian.h>

namespace mixwright::energy {

struct PolynomialOptions {
  int64_t power = 2;
};
MIXWRIGHT_OPTIONS(
    PolynomialOptions,
    field("power", &PolynomialOptions::power)
        .at_least(2)
        .at_most(64)
        .doc("n; with a layer of stored patterns 2 is Hopfield's network, higher ones "
             "store more"))

/// A power of both signs.
///
///   L(x) = 1/n sum_i x_i^n,  g = x^(n-1),  (H v)_i = (n - 1) x_i^(n-2) v_i
///
/// Convex where n is even.
/// Shape: x [B, *grid, C].
/// Params: PolynomialOptions.
/// Source: Krotov, Hopfield 2016, arXiv:1606.01164 sec. 2 (F(x) = x^n).
/// Deviates: none.
class Polynomial final : public Lagrangian {
 public:
  using Options = PolynomialOptions;
  explicit Polynomial(const Options& options) : power_(options.power) {}
  torch::Tensor value(const torch::Tensor& x) const override;
  torch::Tensor gradient(const torch::Tensor& x) const override;
  torch::Tensor hessian_product(const torch::Tensor& x, const torch::Tensor& v) const override;
  bool is_convex() const override { return power_ % 2 == 0; }

 private:
  int64_t power_;
};

}  // namespace mixwright::energy
