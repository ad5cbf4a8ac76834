#pragma once

#include <cstdint>

#include <torch/torch.h>

#include <mixwright/token_mixer.h>

namespace mixwright::metaformer {

struct PoolingOptions {
  int64_t pool_size = 3;
};

MIXWRIGHT_OPTIONS(PoolingOptions,
                  field("pool_size", &PoolingOptions::pool_size)
                      .at_least(1)
                      .odd()
                      .doc("side of the pooling window in each dimension of the grid"))

/// Average pooling minus identity over the grid.
///
/// y = mean over the window around a place of x, minus x. Places beyond the border, and tokens that
/// the padding mask leaves out, are not counted.
/// Shape: [B, *grid, C] -> the same.
/// Params: none.
/// Throws: Error on a grid with prefix tokens.
/// Source: Yu et al. 2021 (PoolFormer), arXiv:2111.11418, eq. 4.
/// Deviates: grids of one and three dimensions, and the padding mask, are ours.
class Pooling final : public TokenMixer {
 public:
  using Options = PoolingOptions;
  Pooling(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override;

 private:
  int64_t pool_size_;
};

}  // namespace mixwright::metaformer
