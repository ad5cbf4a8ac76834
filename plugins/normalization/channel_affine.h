#pragma once

#include <torch/torch.h>

namespace mixwright::norms {

/// x * weight + bias per channel, [B, *grid, C]; an undefined bias is left out.
inline torch::Tensor channel_affine(const torch::Tensor& x,
                                    const torch::Tensor& weight,
                                    const torch::Tensor& bias) {
  return bias.defined() ? torch::addcmul(bias, x, weight) : x * weight;
}

}  // namespace mixwright::norms
