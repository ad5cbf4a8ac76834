#pragma once

#include <torch/torch.h>

#include "depthwise_branches.h"

namespace mixwright::convolution {

/// Depthwise convolution over the grid, each channel apart, with parallel side branches that
/// re-parameterisation merges.
///
/// y = sum_norm(norm(K * x + b) + sum_i norm_i(K_i * x + b_i) + [identity] x), * the convolution.
/// Shape: [B, *grid, C] -> the same.
/// Params: conv, norm; side.<i>.conv, side.<i>.norm; sum_norm. Weights are [C, 1, *kernel].
/// Throws: Error on a grid with prefix tokens.
/// Source: Howard et al. 2017, arXiv:1704.04861, eq. 3; side branches: Ding et al. 2021 (RepVGG),
///     arXiv:2101.03697, as used by RepViT, arXiv:2307.09283, and FFNet, arXiv:2406.02021.
/// Deviates: none; even kernels pad one more behind than before.
class DepthwiseConv final : public DepthwiseBranches<TokenMixer> {
 public:
  using Options = DepthwiseConvOptions;
  DepthwiseConv(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override;
};

}  // namespace mixwright::convolution
