#pragma once

#include <vector>

#include <torch/torch.h>

namespace mixwright {

/// Whether depthwise_convolution is for this case, and faster than LibTorch's own backward: stride
/// 1, odd kernels of at most 11 that keep the grid, float32 or bfloat16 on a CPU, and gradients
/// are wanted. x [B, C, H, W] in channels last, weight [C, 1, kernel height, kernel width].
bool has_fast_depthwise(const torch::Tensor& x,
                        const torch::Tensor& weight,
                        const std::vector<int64_t>& stride,
                        const std::vector<int64_t>& padding);

/// torch::conv2d with groups = C, with gradients of our own: LibTorch's (oneDNN 3.12) take 17 times
/// as long as its forward for a 5x5 kernel, 55 times in bfloat16. The input's gradient is the
/// convolution with the mirrored kernel; the kernel's comes from depthwise_gradient.
/// Can be differentiated twice; then LibTorch computes. Autocast is followed.
torch::Tensor depthwise_convolution(const torch::Tensor& x,
                                    const torch::Tensor& weight,
                                    const torch::Tensor& bias,
                                    const std::vector<int64_t>& padding);

}  // namespace mixwright
