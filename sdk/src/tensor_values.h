#pragma once

#include <optional>

#include <torch/torch.h>

namespace mixwright {

/// For operators of LibTorch that take a tensor or none.
inline std::optional<torch::Tensor> if_defined(const torch::Tensor& tensor) {
  return tensor.defined() ? std::optional<torch::Tensor>(tensor) : std::nullopt;
}

/// Values to fold and compare with, on the CPU and without their history.
inline torch::Tensor in_float64(const torch::Tensor& x) {
  return x.detach().to(torch::kFloat64).cpu();
}

}  // namespace mixwright
