#pragma once

#include <mixwright/activation.h>

struct Abi1ActivationOptions {
  double beta = 1.0;
};
MIXWRIGHT_OPTIONS(
    Abi1ActivationOptions,
    field("beta", &Abi1ActivationOptions::beta).doc("what the learned steepness starts at"))

/// A gate of its own value, with a learned steepness.
///
///   y = x sigmoid(beta x)
///
/// Shape: [B, *grid, C] -> the same, each value alone.
/// Params: Abi1ActivationOptions. `beta`: [1].
/// Source: replace by authors, year, arXiv id and equation.
/// Deviates: none.
class Abi1Activation final : public mixwright::Activation {
 public:
  using Options = Abi1ActivationOptions;
  explicit Abi1Activation(const Options& options);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  torch::Tensor beta_;
};
