#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <torch/torch.h>

namespace mixwright::onednn {

// LibTorch's own operators over the oneDNN that lies within it, found by name when they are first
// used: nothing of oneDNN is linked.

/// Whether products in float32 on the CPU can be asked for here.
bool is_available();

/// Whether `function` can run within a product: "", "gelu", "relu" …
bool has_function(const std::string& function);

/// Weight [out, in] in the layout that this processor's products want.
torch::Tensor pack_linear(const torch::Tensor& weight);

/// f(x W^T + b): x [..., in] float32, weight [out, in] plain or packed -> [..., out].
torch::Tensor linear(const torch::Tensor& x,
                     const torch::Tensor& weight,
                     const torch::Tensor& bias,
                     const std::string& function = "");

/// sum + x W^T + b, the sum [..., out] contiguous float32.
torch::Tensor linear_plus(const torch::Tensor& sum,
                          const torch::Tensor& x,
                          const torch::Tensor& weight,
                          const torch::Tensor& bias);

/// Sizes of a convolution over pictures.
struct PictureConvolution {
  std::vector<int64_t> padding;
  std::vector<int64_t> stride;
  int64_t groups = 1;
};

torch::Tensor pack_convolution(const torch::Tensor& weight, const PictureConvolution& sizes);

/// x [B, C, H, W] in channels last, weight plain or packed.
torch::Tensor convolution(const torch::Tensor& x,
                          const torch::Tensor& weight,
                          const torch::Tensor& bias,
                          const PictureConvolution& sizes,
                          const std::string& function = "");

}  // namespace mixwright::onednn
