#pragma once

#include <torch/torch.h>

namespace picture {

/// The bytes [H, W, C] of a sample, C = 1 or 3. Floats in 0 to 1 become the nearest of 256 levels.
/// Throws: mixwright::Error for other sizes, types and values; `transform` is the name to show.
torch::Tensor bytes_of(const torch::Tensor& sample, const char* transform);

/// The same bytes in the type of `sample`: a level of floats is a 255th.
torch::Tensor in_type_of(const torch::Tensor& sample, const torch::Tensor& bytes);

}  // namespace picture
