#pragma once

#include <mixwright/head.h>

struct Abi1HeadOptions {
  double temperature = 1.0;
};
MIXWRIGHT_OPTIONS(Abi1HeadOptions,
                  field("temperature", &Abi1HeadOptions::temperature)
                      .at_least(1e-3)
                      .doc("of the softmax over tokens: small values look at the best token alone"))

/// Every token votes, and tokens weigh by a learned score.
///
///   a = softmax_n(u x_n / t);  y = W sum_n a_n x_n + b
///
/// Shape: [B, *grid, C] -> [B, classes]; N tokens are the grid, flattened.
/// Params: Abi1HeadOptions. `score.weight` [1, C], `fc.weight` [classes, C], `fc.bias`.
/// Throws: mixwright::Error where the data have no classes.
/// Source: replace by authors, year, arXiv id and equation.
/// Deviates: none.
class Abi1Head final : public mixwright::Head {
 public:
  using Options = Abi1HeadOptions;
  Abi1Head(const Options& options, const mixwright::BuildContext& context);
  torch::Tensor forward(const mixwright::Features& features) override;

 private:
  double temperature_;
  torch::nn::Linear score_{nullptr};
  torch::nn::Linear fc_{nullptr};
};
