#pragma once

#include <cstdint>

/// Sizes of what the kernels walk: features [batch, tokens, channels], one after the other in
/// memory.
struct AverageSizes {
  int64_t batch = 0;
  int64_t tokens = 0;
  int64_t channels = 0;
};

// Compiled by nvcc, called by what the C++ compiler compiles: raw pointers to memory of GPU
// `device`, LibTorch's current stream there. What CUDA refuses is thrown as c10::Error.

/// y[t] = share x[t] + (1 - share) y[t - 1]; share [channels].
void average_on_gpu(int device, const float* x, const float* share, AverageSizes sizes, float* y);

/// Out of y's gradient: that of x, and share's in each sample, [batch, channels].
void average_gradient_on_gpu(int device,
                             const float* gradient,
                             const float* x,
                             const float* y,
                             const float* share,
                             AverageSizes sizes,
                             float* x_gradient,
                             float* share_gradient);
