#pragma once

#include <cstdint>

namespace mixwright::activations {

/// What scale and bias get: sums over the values of a piece.
struct StarReluSums {
  float scale = 0;  ///< of g max(x, 0)^2
  float bias = 0;   ///< of g
};

/// y = scale max(x, 0)^2 + bias of `size` values in one pass. Values are float, or bfloat16 as its
/// bits.
void star_relu(const float* x, int64_t size, float scale, float bias, float* y);
void star_relu(const uint16_t* x, int64_t size, float scale, float bias, uint16_t* y);

/// dx = 2 scale max(x, 0) g of `size` values, and the piece's sums. Pieces of the same size give
/// the same sums.
StarReluSums star_relu_gradient(
    const float* x, const float* g, int64_t size, float scale, float* dx);
StarReluSums star_relu_gradient(
    const uint16_t* x, const uint16_t* g, int64_t size, float scale, uint16_t* dx);

}  // namespace mixwright::activations
