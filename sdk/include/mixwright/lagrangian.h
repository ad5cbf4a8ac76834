#pragma once

#include <torch/torch.h>

#include <mixwright/options.h>
#include <mixwright/part.h>
#include <mixwright/plugin.h>

namespace mixwright {

/// What makes a layer of neurons of an associative memory: a scalar function L of its state x,
/// whose gradient g is what the layer shows of itself, and whose Hessian is the metric in which the
/// state moves.
///
///   g = dL/dx,   energy of the layer: <g, x> - L(x)
///
/// All three are given by formulas, so that a memory runs where autograd does not (InferenceMode);
/// they are made of LibTorch's operations, so that autograd differentiates them for training.
/// Shape: x [B, *grid, C], each sample a layer of its own; L [B], g and H v as x. The context of
/// the constructor says grid and channels in `shape`; a layer without grid is [B, C]. Source:
/// Krotov 2021, arXiv:2107.06446 eq. 1-3.
class MIXWRIGHT_API Lagrangian : public Part {
 public:
  using Interface = Lagrangian;
  static constexpr const char* kKind = "lagrangian";
  ~Lagrangian() override;

  /// L(x) of each sample: [B].
  virtual torch::Tensor value(const torch::Tensor& x) const = 0;
  /// The activation g = dL/dx.
  virtual torch::Tensor gradient(const torch::Tensor& x) const = 0;
  /// H(x) v, with H the matrix of second derivatives; where they do not exist, one of their limits.
  virtual torch::Tensor hessian_product(const torch::Tensor& x, const torch::Tensor& v) const = 0;
  /// Whether <v, H v> >= 0 everywhere, with the parameters of now: then the layer's own motion
  /// never raises the energy.
  virtual bool is_convex() const = 0;

  /// <g, x> - L(x) of each sample, g being gradient(x): [B].
  torch::Tensor energy(const torch::Tensor& x, const torch::Tensor& g) const;
};

}  // namespace mixwright
