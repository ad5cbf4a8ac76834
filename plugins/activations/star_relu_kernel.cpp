#include "star_relu_kernel.h"

#include <bit>

// The loops are compiled for several processors, and the loader takes the best one. It does so
// before AddressSanitizer has begun, under which they are compiled once.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MIXWRIGHT_CLONES
#endif
#endif
#if defined(MIXWRIGHT_CLONES)
#elif defined(__x86_64__) && defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
#define MIXWRIGHT_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define MIXWRIGHT_CLONES
#endif

namespace mixwright::activations {

namespace {

constexpr int kLanes = 16;  // sums that are kept apart, so that a vector holds them

inline float number(float value) {
  return value;
}

inline float number(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

inline void store(float value, float* place) {
  *place = value;
}

/// Rounds to the nearest bfloat16, halves to even; NaN stays NaN.
inline void store(float value, uint16_t* place) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const uint32_t rounded = (bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16;
  *place = value == value ? static_cast<uint16_t>(rounded) : uint16_t{0x7FC0};
}

/// max(x, 0), NaN of NaN.
inline float positive(float x) {
  return x < 0.0F ? 0.0F : x;
}

template <class Value>
inline void forward(const Value* x, int64_t size, float scale, float bias, Value* y) {
  for (int64_t i = 0; i < size; ++i) {
    const float p = positive(number(x[i]));
    store(scale * (p * p) + bias, y + i);
  }
}

template <class Value>
inline StarReluSums backward(const Value* x, const Value* g, int64_t size, float scale, Value* dx) {
  float squares[kLanes] = {};
  float plain[kLanes] = {};
  const float twice = 2.0F * scale;
  int64_t i = 0;
  const auto at = [&](int64_t place, int lane) {
    const float p = positive(number(x[place]));
    const float slope = number(g[place]);
    squares[lane] += slope * (p * p);
    plain[lane] += slope;
    store(twice * p * slope, dx + place);
  };
  for (; i + kLanes <= size; i += kLanes) {
    for (int lane = 0; lane < kLanes; ++lane) at(i + lane, lane);
  }
  for (; i < size; ++i) at(i, static_cast<int>(i % kLanes));
  StarReluSums sums;
  for (int lane = 0; lane < kLanes; ++lane) {
    sums.scale += squares[lane];
    sums.bias += plain[lane];
  }
  return sums;
}

}  // namespace

MIXWRIGHT_CLONES void star_relu(const float* x, int64_t size, float scale, float bias, float* y) {
  forward(x, size, scale, bias, y);
}

MIXWRIGHT_CLONES void star_relu(
    const uint16_t* x, int64_t size, float scale, float bias, uint16_t* y) {
  forward(x, size, scale, bias, y);
}

MIXWRIGHT_CLONES StarReluSums
star_relu_gradient(const float* x, const float* g, int64_t size, float scale, float* dx) {
  return backward(x, g, size, scale, dx);
}

MIXWRIGHT_CLONES StarReluSums
star_relu_gradient(const uint16_t* x, const uint16_t* g, int64_t size, float scale, uint16_t* dx) {
  return backward(x, g, size, scale, dx);
}

}  // namespace mixwright::activations
