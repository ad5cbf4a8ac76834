#pragma once

#include <mixwright/projection.h>

struct ComponentNameOptions {
  int64_t rank = 8;
};
MIXWRIGHT_OPTIONS(ComponentNameOptions,
                  field("rank", &ComponentNameOptions::rank)
                      .at_least(1)
                      .doc("channels that everything passes through"))

/// A projection of low rank: down to a few channels and up again.
///
///   y = U D x
///
/// Shape: [B, *grid, C] -> [B, *grid, dim], dim the channels that the mixer wishes for.
/// Params: ComponentNameOptions. `down.weight` [rank, C], `up.weight` [dim, rank].
/// Source: replace by authors, year, arXiv id and equation.
/// Deviates: none.
class ComponentName final : public mixwright::Projection {
 public:
  using Options = ComponentNameOptions;
  ComponentName(const Options& options, const mixwright::BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  torch::nn::Linear down_{nullptr};
  torch::nn::Linear up_{nullptr};
};
