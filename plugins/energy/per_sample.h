#pragma once

#include <torch/torch.h>

namespace mixwright::energy {

/// The largest |value| of each sample, without history: [B, ...] -> [B]. NaN where there is one.
torch::Tensor largest_of_each(const torch::Tensor& x);

/// Samples of `a` where `first`, else of `b`. Shape: first [B] bool, a and b [B, ...].
torch::Tensor chosen(const torch::Tensor& first, const torch::Tensor& a, const torch::Tensor& b);

}  // namespace mixwright::energy
