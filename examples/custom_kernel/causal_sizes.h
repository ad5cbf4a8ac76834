#pragma once

#include <cstdint>

/// Sizes of one sample's mixing: features [tokens, channels], weights [taps, channels].
struct CausalSizes {
  int64_t tokens = 0;
  int64_t channels = 0;
  int64_t taps = 0;
};

// One set of kernels for each instruction set, compiled from causal_kernel.h.
#define CAUSAL_KERNELS                                                                       \
  /* y[t] = sum over k of weight[k] * x[t - k]; `reversed`: x[t + k], the gradient of x */   \
  void mix(const float* x, const float* weight, CausalSizes sizes, bool reversed, float* y); \
  /* weight's gradient for 16 channels from `first` on, over `batch` samples */              \
  void weight_gradient(const float* gradient,                                                \
                       const float* x,                                                       \
                       int64_t batch,                                                        \
                       CausalSizes sizes,                                                    \
                       int64_t first,                                                        \
                       float* result);

namespace causal::baseline {
CAUSAL_KERNELS
}
namespace causal::avx2 {
CAUSAL_KERNELS
}
namespace causal::avx512 {
CAUSAL_KERNELS
}

#undef CAUSAL_KERNELS
