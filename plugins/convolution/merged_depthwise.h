#pragma once

#include <cstdint>
#include <optional>

#include <torch/torch.h>

#include <mixwright/inference.h>
#include <mixwright/layers.h>
#include <mixwright/part.h>

namespace mixwright::convolution {

/// Parallel depthwise convolutions and what stands behind them, summed up as one kernel and one
/// bias in float64:
///
///   s (sum_i (s_i (K_i * x + b_i) + t_i) + [identity] x) + t = K * x + b
///
/// A norm counts as scale s and shift t of every channel, which is what batch norm is in
/// evaluation; it is measured, so that no norm need be known by name. Source: Ding et al. 2021
/// (RepVGG), arXiv:2101.03697 section 3.3.
class DepthwiseSum {
 public:
  /// Sizes of the main convolution; type and device of its weights. The kernel grows where one that
  /// is added is larger.
  DepthwiseSum(ConvolutionSizes sizes, const torch::TensorOptions& options);

  /// Adds norm(conv(x)); false where the norm is no scale and shift of channels.
  bool add(const GridConvolution& conv, const LayerPtr& norm);
  void add_identity();
  /// The sum goes through a norm; false as above.
  bool apply(const LayerPtr& norm);

  /// The one convolution that all of it comes to, with what stands around it; null where it cannot
  /// take all of that along.
  LayerPtr merged(const Shape& out_shape, const Surroundings& around) const;

 private:
  std::optional<ChannelMap> map_of(const LayerPtr& norm) const;
  void widen(const std::vector<int64_t>& kernel);

  ConvolutionSizes sizes_;
  torch::TensorOptions options_;
  torch::Tensor weight_;  // [out, 1, *kernel]
  torch::Tensor bias_;    // [out]
};

}  // namespace mixwright::convolution
