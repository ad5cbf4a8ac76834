#pragma once

#include <torch/torch.h>

/// Depthwise causal convolution over tokens, the channels side by side in memory:
///
///   y[b, t, c] = sum over k = 0 … taps - 1 of weight[k, c] x[b, t - k, c]
///
/// with x[b, t, c] = 0 for t < 0. On processors in float32 it runs our own vectorised kernels,
/// elsewhere what causal_mix_of_operations runs.
/// Shape: x [B, N, C] contiguous, weight [taps, C] of the same type -> [B, N, C].
torch::Tensor causal_mix(const torch::Tensor& x, const torch::Tensor& weight);

/// The same as LibTorch's operations, which read and write x once for each tap.
torch::Tensor causal_mix_of_operations(const torch::Tensor& x, const torch::Tensor& weight);
