#pragma once

#include <optional>

#include <torch/torch.h>

#include <mixwright/export.h>

namespace mixwright {

/// Scaled dot-product attention, y = softmax(q kᵀ / sqrt(d) + mask) v (arXiv:1706.03762, equation
/// 1).
///
/// q [B, H, N, d], k [B, H, M, d], v [B, H, M, e] -> y [B, H, N, e]; B samples, H heads, N queries
/// of M tokens. `mask` is true where a token is looked at, or is added to the scores; it broadcasts
/// to [B, H, N, M]. `dropout` is the probability by which a weight of the softmax is dropped;
/// `causal` lets query i look at the tokens up to i alone, and goes without a mask.
///
/// torch::scaled_dot_product_attention, but for few tokens in bfloat16 on a processor: there
/// LibTorch prepares every product of every head anew in the backward pass, which costs several
/// times the products, and this takes three operations over all heads.
MIXWRIGHT_API torch::Tensor attend(const torch::Tensor& q,
                                   const torch::Tensor& k,
                                   const torch::Tensor& v,
                                   const std::optional<torch::Tensor>& mask = std::nullopt,
                                   double dropout = 0.0,
                                   bool causal = false);

}  // namespace mixwright
