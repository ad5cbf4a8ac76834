#pragma once

#include <optional>
#include <vector>

#include <torch/torch.h>

#include <mixwright/shape.h>
#include <mixwright/training.h>

namespace mixwright::energy {

/// What units of one layer see in a layer of pictures: for each the weights as a picture, the units
/// with the longest weights first, at most a hundred. Every field is drawn from its own least to
/// its greatest in fifteen shades: white is 0, vermilion above, blue below; of colour pictures,
/// grey is 0. Shape: weights [units, H * W * C] -> [h, w, 3] of values in 0 to 1.
torch::Tensor receptive_fields(const torch::Tensor& weights, const Shape& picture);

/// Reports them as the picture `receptive_fields` of a weight [d_1, d_2] between two layers, where
/// one of them is of pictures, [H, W, 1 or 3]; the second is asked first.
void report_receptive_fields(Report& report,
                             const torch::Tensor& weight,
                             const std::vector<Shape>& layers);

}  // namespace mixwright::energy
