#pragma once

#include <torch/torch.h>

namespace picture {

enum class Interpolation { kNearest, kBilinear };

/// How a picture is read between its places and outside of them.
struct Sampling {
  Interpolation interpolation = Interpolation::kNearest;
  double fill = 0;  ///< level of what comes in from outside
};

// Operations on pictures [H, W, C] of bytes, after torchvision 0.28.0's transforms.v2 on tensors,
// whose coordinates they reproduce to the last bit: where a place falls halfway between two,
// rounding decides.
//
// Deviates: bilinear with a fill weighs the fill once; torchvision weighs border places twice.

/// Moves a row y places below the upper edge by `magnitude` y to the left.
torch::Tensor shear_x(const torch::Tensor& picture, double magnitude, const Sampling& sampling);
/// Moves a column x places from the left edge by `magnitude` x upwards.
torch::Tensor shear_y(const torch::Tensor& picture, double magnitude, const Sampling& sampling);
/// Moves by whole places to the right, fractions of `magnitude` left out.
torch::Tensor translate_x(const torch::Tensor& picture, double magnitude, const Sampling& sampling);
/// The same downwards.
torch::Tensor translate_y(const torch::Tensor& picture, double magnitude, const Sampling& sampling);
/// Turns by `degrees` about the middle, against the clock.
torch::Tensor rotate(const torch::Tensor& picture, double degrees, const Sampling& sampling);

}  // namespace picture
