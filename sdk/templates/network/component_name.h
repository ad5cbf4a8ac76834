#pragma once

#include <mixwright/block.h>
#include <mixwright/layers.h>
#include <mixwright/network.h>

struct ComponentNameOptions {
  int64_t dim = 64;
  int64_t patch = 4;
  int64_t rounds = 4;
  mixwright::Component<mixwright::Block> block;
};
MIXWRIGHT_OPTIONS(
    ComponentNameOptions,
    field("dim", &ComponentNameOptions::dim).at_least(1).doc("channels of every token"),
    field("patch", &ComponentNameOptions::patch).at_least(1).doc("side of a patch of the input"),
    field("rounds", &ComponentNameOptions::rounds).at_least(1).doc("how often the block runs"),
    field("block", &ComponentNameOptions::block).required().doc("what runs in every round"))

/// One block again and again, which sees the input anew in every round.
///
///   x_0 = 0,  x_{k+1} = block(x_k + W p),  p: the patches of the input
///
/// Shape: [B, *grid, C] -> [B, *(grid / patch), dim], and what the block makes of that.
/// Params: ComponentNameOptions. `patches.weight` [dim, C, *patch], `patches.bias` [dim],
/// `block.*`. Throws: mixwright::Error where the block is "none", or changes the shape. Source:
/// replace by authors, year, arXiv id and equation. Deviates: none.
class ComponentName final : public mixwright::Network {
 public:
  using Options = ComponentNameOptions;
  ComponentName(const Options& options, const mixwright::BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x,
                                   const mixwright::Context& context) override;

 private:
  int64_t rounds_;
  mixwright::GridConvolution patches_{nullptr};
  mixwright::LayerPtr block_;
};
