#pragma once

#include <torch/torch.h>

namespace picture {

// Operations on pictures [H, W, C] of bytes that replace each level by another, after torchvision
// 0.28.0's transforms.v2 on tensors.

/// Keeps the `bits` highest bits.
torch::Tensor posterize(const torch::Tensor& picture, double bits);
/// Turns levels of 255 `threshold` and above into their negative.
torch::Tensor solarize(const torch::Tensor& picture, double threshold);
/// Stretches each channel so that it reaches from 0 to 255; a channel of one level stays.
torch::Tensor autocontrast(const torch::Tensor& picture);
/// Makes the levels of each channel equally frequent, as far as that goes; Pillow's rule.
torch::Tensor equalize(const torch::Tensor& picture);

}  // namespace picture
