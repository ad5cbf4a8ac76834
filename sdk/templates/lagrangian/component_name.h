#pragma once

#include <mixwright/lagrangian.h>

struct ComponentNameOptions {
  double width = 1.0;
};
MIXWRIGHT_OPTIONS(ComponentNameOptions,
                  field("width", &ComponentNameOptions::width)
                      .at_least(1e-3)
                      .doc("the x at which a unit is 0.71 of what it can be"))

/// Units that saturate slowly, each alone.
///
///   L(x) = sum_i sqrt(x_i^2 + w^2),  g_i = x_i / sqrt(x_i^2 + w^2),
///   (H v)_i = w^2 / (x_i^2 + w^2)^(3/2) v_i
///
/// Convex: the slope of g is positive everywhere.
/// Shape: x [B, *grid, C]; L [B], g and H v as x.
/// Params: ComponentNameOptions; nothing is learned.
/// Source: replace by authors, year, arXiv id and equation.
/// Deviates: none.
class ComponentName final : public mixwright::Lagrangian {
 public:
  using Options = ComponentNameOptions;
  explicit ComponentName(const Options& options);
  torch::Tensor value(const torch::Tensor& x) const override;
  torch::Tensor gradient(const torch::Tensor& x) const override;
  torch::Tensor hessian_product(const torch::Tensor& x, const torch::Tensor& v) const override;
  bool is_convex() const override { return true; }

 private:
  torch::Tensor root(const torch::Tensor& x) const;
  double square_of_width_;
};
