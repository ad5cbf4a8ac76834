#pragma once

#include <torch/torch.h>

#include <mixwright/interaction.h>

namespace mixwright::metamixer {

/// Both operands multiplied value by value: a gate, or a modulation.
///
///   y = left x right
///
/// Shape: left [B, *grid, C], right [R, *grid, C], or one token [R, 1, C] for all -> [B, *grid, C].
/// Params: none.
/// Throws: Error where the shapes are others.
/// Source: Hou et al. 2022 (Conv2Former), arXiv:2211.11943, eq. 3.
/// Deviates: none.
class Product final : public Interaction {
 public:
  explicit Product(const BuildContext& context);
  torch::Tensor forward(const torch::Tensor& left, const torch::Tensor& right) override;

 private:
  bool of_one_token_;
};

}  // namespace mixwright::metamixer
