#pragma once

#include <cstdint>

#include <torch/torch.h>

#include <mixwright/projection.h>

namespace mixwright::metamixer {

/// Tokens and channels change places, so that what follows mixes along the tokens. A second one, as
/// the output projection, puts them back.
///
///   y[b, c, n] = x[b, n, c]
///
/// Shape: [B, *grid, C] -> [B, C, N], N the product of the grid.
/// Params: none.
/// Throws: Error where the input has other than the N tokens it was built for.
/// Source: Tolstikhin et al. 2021 (MLP-Mixer), arXiv:2105.01601, sec. 2.
/// Deviates: none.
class Transpose final : public Projection {
 public:
  explicit Transpose(const BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  int64_t tokens_;
};

}  // namespace mixwright::metamixer
