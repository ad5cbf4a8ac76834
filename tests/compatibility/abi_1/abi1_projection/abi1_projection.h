#pragma once

#include <mixwright/projection.h>

struct Abi1ProjectionOptions {
  int64_t rank = 8;
};
MIXWRIGHT_OPTIONS(Abi1ProjectionOptions,
                  field("rank", &Abi1ProjectionOptions::rank)
                      .at_least(1)
                      .doc("channels that everything passes through"))

/// A projection of low rank: down to a few channels and up again.
///
///   y = U D x
///
/// Shape: [B, *grid, C] -> [B, *grid, dim], dim the channels that the mixer wishes for.
/// Params: Abi1ProjectionOptions. `down.weight` [rank, C], `up.weight` [dim, rank].
/// Source: replace by authors, year, arXiv id and equation.
/// Deviates: none.
class Abi1Projection final : public mixwright::Projection {
 public:
  using Options = Abi1ProjectionOptions;
  Abi1Projection(const Options& options, const mixwright::BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  torch::nn::Linear down_{nullptr};
  torch::nn::Linear up_{nullptr};
};
