#pragma once

#include <mixwright/in_place.h>
#include <mixwright/lagrangian.h>

#include "sums.h"

namespace mixwright::energy {

struct SoftmaxOptions {
  double beta = 1;
  Over over = Over::kAll;
};
MIXWRIGHT_OPTIONS(SoftmaxOptions,
                  field("beta", &SoftmaxOptions::beta)
                      .at_least(1e-6)
                      .doc("inverse temperature: the larger, the nearer to the largest unit alone"),
                  field("over", &SoftmaxOptions::over)
                      .doc("units that compete: all of a sample, or the channels of each place"))

/// Log-sum-exp, whose gradient is softmax.
///
///   L(x) = 1/beta log sum_i exp(beta x_i),  g = softmax(beta x),  H v = beta (g v - g <g, v>)
///
/// Shape: x [B, *grid, C]; over channels, L is summed over the places.
/// Params: SoftmaxOptions.
/// Source: Ramsauer et al. 2020, arXiv:2008.02217; Krotov, Hopfield 2020, arXiv:2008.06996 (model
/// B). Deviates: none.
class Softmax final : public Lagrangian, public WritesActivation {
 public:
  using Options = SoftmaxOptions;
  explicit Softmax(const Options& options) : beta_(options.beta), over_(options.over) {}
  torch::Tensor value(const torch::Tensor& x) const override;
  torch::Tensor gradient(const torch::Tensor& x) const override;
  torch::Tensor hessian_product(const torch::Tensor& x, const torch::Tensor& v) const override;
  bool is_convex() const override { return true; }
  Action activation_into(const torch::Tensor& g, const torch::Tensor& x) const override;

 private:
  double beta_;
  Over over_;
};

}  // namespace mixwright::energy
