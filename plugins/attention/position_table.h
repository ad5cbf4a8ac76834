#pragma once

#include <cstdint>
#include <vector>

#include <torch/torch.h>

namespace mixwright::attention {

/// A table of relative positions for another window, and the side of the window that it was of.
struct ResizedTable {
  torch::Tensor value;
  int64_t window = 0;
};

/// Resizes a table [(2 w - 1)^2, heads] of a square window of side w for the window `sizes` of two
/// dimensions: [prod (2 size - 1), heads].
///
/// The old places 0, +-1, … are thought to lie at distances 1, 1 + q, 1 + q + q^2, …, with q such
/// that the outermost meets the new outermost one, so that near places stay near; between them it
/// is interpolated linearly, and held beyond. Source: timm's resize_rel_pos_bias_table, which has
/// it of BEiT (arXiv:2106.08254). Throws: Error for a table of no square window, or a grid of other
/// than two dimensions.
ResizedTable resized_position_table(const torch::Tensor& table, const std::vector<int64_t>& sizes);

}  // namespace mixwright::attention
