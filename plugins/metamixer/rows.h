#pragma once

#include <torch/torch.h>

namespace mixwright::metamixer {

/// left [B, *grid, C] times a matrix of each row of `right` [R, C, M]: [B, *grid, M]; row b of the
/// left operand meets row b mod R of the right one.
torch::Tensor times_rows(const torch::Tensor& left, const torch::Tensor& right);

}  // namespace mixwright::metamixer
