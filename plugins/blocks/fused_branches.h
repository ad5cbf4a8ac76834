#pragma once

#include <optional>
#include <vector>

#include <mixwright/block.h>

#include "channel_scale.h"

namespace mixwright::blocks {

/// The form for inference of one branch of a block: its layers, with the factor of the branch taken
/// into the last of them where it can be.
struct FusedBranch {
  std::vector<LayerPtr> layers;
  torch::Tensor scale;      ///< of what the layers make; undefined: one
  torch::Tensor res_scale;  ///< of what passes by; undefined: one
  bool residual = true;

  torch::Tensor operator()(const torch::Tensor& x, const Context& context) const;
  /// sum + scale f(x).
  torch::Tensor added_to(const torch::Tensor& sum,
                         const torch::Tensor& x,
                         const Context& context) const;
};

/// `layers` may hold null entries. An empty scale is one.
FusedBranch fused_branch(const std::vector<LayerPtr>& layers,
                         const ChannelScale& layer_scale,
                         const ChannelScale& res_scale = ChannelScale{nullptr});

/// Branches one after the other: x <- res_scale x + scale f(x), or x <- f(x) without residual.
LayerPtr fused_branches(const std::vector<FusedBranch>& branches, const Shape& shape);

}  // namespace mixwright::blocks
