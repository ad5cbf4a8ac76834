#pragma once

#include <mixwright/activation.h>

namespace mixwright::activations {

struct LeakyReluOptions {
  double slope = 0.01;
};
MIXWRIGHT_OPTIONS(LeakyReluOptions,
                  field("slope", &LeakyReluOptions::slope).doc("slope where x is below zero"))

/// y = x where x > 0, else slope * x.
///
/// Shape: [B, *grid, C] -> the same.
/// Params: LeakyReluOptions.
/// Source: Maas, Hannun, Ng 2013, "Rectifier nonlinearities improve neural network acoustic
///   models", eq. 2.
/// Deviates: none.
class LeakyRelu final : public Activation {
 public:
  using Options = LeakyReluOptions;
  explicit LeakyRelu(const Options& options) : slope_(options.slope) {}
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  double slope_;
};

}  // namespace mixwright::activations
