#pragma once

#include <cstdint>

#include <torch/torch.h>

#include <mixwright/token_mixer.h>

namespace mixwright::metaformer {

/// Mixes the tokens by a random matrix that is drawn once and never trained.
///
/// y[b, :, c] = R x[b, :, c], R [N, N] the softmax over each row of numbers uniform in [0, 1).
/// Shape: [B, *grid, C] -> the same; N is the product of the grid.
/// Params: random_matrix, frozen.
/// Throws: Error where the input has other than the N tokens it was built for.
/// Source: Yu et al. 2022 (RandFormer), arXiv:2210.13452.
/// Deviates: none.
class Random final : public TokenMixer {
 public:
  explicit Random(const BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  torch::Tensor random_matrix_;
};

}  // namespace mixwright::metaformer
