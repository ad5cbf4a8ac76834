#pragma once

#include <mixwright/in_place.h>
#include <mixwright/lagrangian.h>

#include "norm_affine.h"
#include "sums.h"

namespace mixwright::energy {

struct NormOptions {
  double gamma = 1;
  double shift = 0;
  double eps = 1e-5;
  Over over = Over::kAll;
  Learned learned = Learned::kNone;
};
MIXWRIGHT_OPTIONS(
    NormOptions,
    field("gamma", &NormOptions::gamma).doc("scale of the activation, one for the whole layer"),
    field("shift", &NormOptions::shift).doc("added to the activation"),
    field("eps", &NormOptions::eps).at_least(0).doc("added to the variance, or to the square"),
    field("over", &NormOptions::over)
        .doc("what is normalised together: all of a sample, or the channels of each place"),
    field("learned", &NormOptions::learned)
        .doc("what is trained: nothing; gamma and one shift; gamma and a shift for every unit. A "
             "gamma for every unit has no energy"))

/// Layer normalisation as the gradient of an energy's Lagrangian.
///
///   L(x) = D gamma sqrt(var(x) + eps) + <shift, x>,  g = gamma (x - mean) / sqrt(var + eps) +
///   shift H v = gamma / s (v - mean(v) - n mean(n v)),  s = sqrt(var + eps), n = (x - mean) / s
///
/// with the biased variance over the D units that are normalised together.
/// Shape: x [B, *grid, C]; over channels, the first term is summed over the places.
/// Params: NormOptions; `affine.gamma` [1], `affine.shift`.
/// Source: Tang, Kopp 2021, arXiv:2112.15097; Ota, Taki 2024, arXiv:2406.12220.
/// Deviates: over channels, the authors' demo code adds its shift once for every place; here it is
///   added once.
class LayerNormLagrangian final : public Lagrangian, public WritesActivation {
 public:
  using Options = NormOptions;
  LayerNormLagrangian(const Options& options, const BuildContext& context);
  torch::Tensor value(const torch::Tensor& x) const override;
  torch::Tensor gradient(const torch::Tensor& x) const override;
  torch::Tensor hessian_product(const torch::Tensor& x, const torch::Tensor& v) const override;
  bool is_convex() const override { return affine_->is_positive(); }
  Action activation_into(const torch::Tensor& g, const torch::Tensor& x) const override;

 private:
  double eps_;
  Over over_;
  NormAffine affine_{nullptr};
};

/// Normalisation to a sphere.
///
///   L(x) = gamma sqrt(|x|^2 + eps) + <shift, x>,  g = gamma x / sqrt(|x|^2 + eps) + shift
///   H v = gamma / r (v - n <n, v>),  r = sqrt(|x|^2 + eps), n = x / r
///
/// Shape: x [B, *grid, C]; over channels, the first term is summed over the places.
/// Params: NormOptions; `affine.gamma` [1], `affine.shift`.
/// Source: Krotov, Hopfield 2020, arXiv:2008.06996 (model C).
/// Deviates: none.
class SphericalNormLagrangian final : public Lagrangian, public WritesActivation {
 public:
  using Options = NormOptions;
  SphericalNormLagrangian(const Options& options, const BuildContext& context);
  torch::Tensor value(const torch::Tensor& x) const override;
  torch::Tensor gradient(const torch::Tensor& x) const override;
  torch::Tensor hessian_product(const torch::Tensor& x, const torch::Tensor& v) const override;
  bool is_convex() const override { return affine_->is_positive(); }
  Action activation_into(const torch::Tensor& g, const torch::Tensor& x) const override;

 private:
  double eps_;
  Over over_;
  NormAffine affine_{nullptr};
};

}  // namespace mixwright::energy
