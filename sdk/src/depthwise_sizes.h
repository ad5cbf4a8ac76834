#pragma once

#include <cstdint>

namespace mixwright {

/// Channels that a kernel works on at once.
inline constexpr int64_t kLaneChannels = 16;

/// A depthwise convolution of stride 1 that keeps the grid.
struct DepthwiseSizes {
  int64_t batch = 0;
  int64_t height = 0;
  int64_t width = 0;
  int64_t channels = 0;
  int64_t kernel_height = 0;
  int64_t kernel_width = 0;  ///< 1, 3, 5, 7, 9 or 11
  int64_t pad_height = 0;    ///< (kernel_height - 1) / 2
  int64_t pad_width = 0;
};

/// Floats that depthwise_gradient needs for itself: a padded picture of inputs, one of gradients,
/// and the sums.
inline int64_t depthwise_scratch(const DepthwiseSizes& s) {
  return kLaneChannels * ((s.height + 2 * s.pad_height) * (s.width + 2 * s.pad_width) +
                          s.height * s.width + s.kernel_height * s.kernel_width);
}

// For each instruction set: dW[c, i, j] = sum over b, y, x of
// gradient[b, y, x, c] input[b, y + i - pad, x + j - pad, c]
// for the channels from `first` on, kLaneChannels of them or as many as there are.
// Shape: gradient and input [batch, height, width, channels], result [channels, kernel_height,
// kernel_width]; scratch: depthwise_scratch floats, all zero. uint16_t holds bfloat16; sums are
// float32. Equal for all numbers of threads.
#define MIXWRIGHT_DECLARE_DEPTHWISE(instruction_set) \
  namespace instruction_set {                        \
  void depthwise_gradient(const float* gradient,     \
                          const float* input,        \
                          const DepthwiseSizes&,     \
                          int64_t first,             \
                          float* scratch,            \
                          float* result);            \
  void depthwise_gradient(const uint16_t* gradient,  \
                          const uint16_t* input,     \
                          const DepthwiseSizes&,     \
                          int64_t first,             \
                          float* scratch,            \
                          float* result);            \
  }

MIXWRIGHT_DECLARE_DEPTHWISE(baseline)
#if defined(__x86_64__)
MIXWRIGHT_DECLARE_DEPTHWISE(avx2)
MIXWRIGHT_DECLARE_DEPTHWISE(avx512)
#endif

#undef MIXWRIGHT_DECLARE_DEPTHWISE

}  // namespace mixwright
