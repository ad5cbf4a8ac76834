#pragma once

#include <torch/torch.h>

namespace picture {

// Operations on pictures [H, W, C] of bytes, C = 1 or 3, after torchvision 0.28.0's transforms.v2
// on tensors: floats of 32 bits, cut to bytes at the end. Each blends the picture with another by
// the factor r = 1 + magnitude: r picture + (1 - r) other.

/// other = black
torch::Tensor brightness(const torch::Tensor& picture, double magnitude);
/// other = the picture's grey levels; a grey picture stays as it is
torch::Tensor color(const torch::Tensor& picture, double magnitude);
/// other = the mean of the grey levels, everywhere
torch::Tensor contrast(const torch::Tensor& picture, double magnitude);
/// other = the picture smoothed by (1 1 1, 1 5 1, 1 1 1) / 13; the outermost places stay
torch::Tensor sharpness(const torch::Tensor& picture, double magnitude);

}  // namespace picture
