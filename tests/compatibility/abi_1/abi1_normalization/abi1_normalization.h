#pragma once

#include <mixwright/normalization.h>

struct Abi1NormalizationOptions {
  double eps = 1e-6;
};
MIXWRIGHT_OPTIONS(Abi1NormalizationOptions,
                  field("eps", &Abi1NormalizationOptions::eps)
                      .at_least(1e-12)
                      .doc("added to the mean absolute value"))

/// Divides every token by the mean absolute value of its channels.
///
///   y_c = w_c x_c / (mean_k |x_k| + eps)
///
/// Shape: [B, *grid, C] -> the same.
/// Params: Abi1NormalizationOptions. `weight`: [C].
/// Source: replace by authors, year, arXiv id and equation.
/// Deviates: none.
class Abi1Normalization final : public mixwright::Normalization {
 public:
  using Options = Abi1NormalizationOptions;
  Abi1Normalization(const Options& options, const mixwright::BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  double eps_;
  torch::Tensor weight_;
};
