#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include <torch/torch.h>

namespace picture {

/// What each byte becomes.
using LookupTable = std::array<uint8_t, 256>;

/// A picture [H, W, C] with its bytes replaced: by one table, or by one for each channel.
torch::Tensor looked_up(const torch::Tensor& picture, const std::vector<LookupTable>& tables);

/// How torchvision makes a byte of a float: limited, then cut.
inline uint8_t to_byte(float value) {
  return static_cast<uint8_t>(std::clamp(value, 0.0F, 255.0F));
}

/// a + factor b, rounded once as LibTorch's vectorised add does it; a product of two floats is
/// exact in a double.
inline float multiply_add(float a, float b, float factor) {
  return static_cast<float>(static_cast<double>(a) +
                            static_cast<double>(b) * static_cast<double>(factor));
}

}  // namespace picture
