#pragma once

#include <mixwright/activation.h>

struct ComponentNameOptions {
  double beta = 1.0;
};
MIXWRIGHT_OPTIONS(
    ComponentNameOptions,
    field("beta", &ComponentNameOptions::beta).doc("what the learned steepness starts at"))

/// A gate of its own value, with a learned steepness.
///
///   y = x sigmoid(beta x)
///
/// Shape: [B, *grid, C] -> the same, each value alone.
/// Params: ComponentNameOptions. `beta`: [1].
/// Source: replace by authors, year, arXiv id and equation.
/// Deviates: none.
class ComponentName final : public mixwright::Activation {
 public:
  using Options = ComponentNameOptions;
  explicit ComponentName(const Options& options);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  torch::Tensor beta_;
};
