#pragma once

#include <mixwright/in_place.h>
#include <mixwright/lagrangian.h>

#include "sums.h"

namespace mixwright::energy {

/// The Lagrangian of an activation that acts on each unit alone: the sum of its antiderivative.
///
///   L(x) = sum_i F(x_i),  g_i = f(x_i),  (H v)_i = f'(x_i) v_i,  F' = f
///
/// `Function` has F, f, f' as `integral`, `value`, `slope`, f into memory as `into`, and says in
/// `kRises` whether f' >= 0.
/// Shape: x [B, *grid, C].
/// Source: Krotov 2021, arXiv:2107.06446 sec. 2 (additive Lagrangians).
/// Deviates: none.
template <class Function>
class Pointwise final : public Lagrangian, public WritesActivation {
 public:
  torch::Tensor value(const torch::Tensor& x) const override {
    return sum_of_sample(Function::integral(x));
  }
  torch::Tensor gradient(const torch::Tensor& x) const override { return Function::value(x); }
  torch::Tensor hessian_product(const torch::Tensor& x, const torch::Tensor& v) const override {
    return Function::slope(x) * v;
  }
  bool is_convex() const override { return Function::kRises; }
  Action activation_into(const torch::Tensor& g, const torch::Tensor& x) const override {
    return Function::into(g, x);
  }
};

/// F = x^2 / 2, f = x.
struct Identity {
  static constexpr bool kRises = true;
  static torch::Tensor integral(const torch::Tensor& x);
  static torch::Tensor value(const torch::Tensor& x);
  static Action into(const torch::Tensor& g, const torch::Tensor& x);
  static torch::Tensor slope(const torch::Tensor& x);
};

/// F = max(x, 0)^2 / 2, f = max(x, 0).
struct Relu {
  static constexpr bool kRises = true;
  static torch::Tensor integral(const torch::Tensor& x);
  static torch::Tensor value(const torch::Tensor& x);
  static Action into(const torch::Tensor& g, const torch::Tensor& x);
  static torch::Tensor slope(const torch::Tensor& x);
};

/// F = (x^2 + (x^2 - 1) erf(x / sqrt 2) + x sqrt(2 / pi) exp(-x^2 / 2)) / 4, f = x Phi(x) with the
/// normal distribution Phi. f falls below -0.75, so this one is not convex. arXiv:2406.12220 gives
/// F; arXiv:1606.08415 eq. 1 f.
struct Gelu {
  static constexpr bool kRises = false;
  static torch::Tensor integral(const torch::Tensor& x);
  static torch::Tensor value(const torch::Tensor& x);
  static Action into(const torch::Tensor& g, const torch::Tensor& x);
  static torch::Tensor slope(const torch::Tensor& x);
};

/// F = log(1 + exp x), f = 1 / (1 + exp(-x)).
struct Sigmoid {
  static constexpr bool kRises = true;
  static torch::Tensor integral(const torch::Tensor& x);
  static torch::Tensor value(const torch::Tensor& x);
  static Action into(const torch::Tensor& g, const torch::Tensor& x);
  static torch::Tensor slope(const torch::Tensor& x);
};

/// F = log cosh x, f = tanh x.
struct Tanh {
  static constexpr bool kRises = true;
  static torch::Tensor integral(const torch::Tensor& x);
  static torch::Tensor value(const torch::Tensor& x);
  static Action into(const torch::Tensor& g, const torch::Tensor& x);
  static torch::Tensor slope(const torch::Tensor& x);
};

/// F = f = exp x.
struct Exponential {
  static constexpr bool kRises = true;
  static torch::Tensor integral(const torch::Tensor& x);
  static torch::Tensor value(const torch::Tensor& x);
  static Action into(const torch::Tensor& g, const torch::Tensor& x);
  static torch::Tensor slope(const torch::Tensor& x);
};

}  // namespace mixwright::energy
