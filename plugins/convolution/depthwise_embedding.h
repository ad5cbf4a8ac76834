#pragma once

#include <cstdint>
#include <tuple>

#include <torch/torch.h>

#include "depthwise_branches.h"

namespace mixwright::convolution {

struct DepthwiseEmbeddingOptions : DepthwiseConvOptions {
  int64_t stride = 2;
  bool keep_dim = false;
};

// The token mixer's options and two more.
constexpr auto mixwright_options(const DepthwiseEmbeddingOptions*) {
  using options::field;
  return std::tuple_cat(
      mixwright_options(static_cast<const DepthwiseConvOptions*>(nullptr)),
      std::make_tuple(
          field("stride", &DepthwiseEmbeddingOptions::stride)
              .at_least(1)
              .doc("step of the kernel in each dimension of the grid"),
          field("keep_dim", &DepthwiseEmbeddingOptions::keep_dim)
              .doc("keeps the channels that come in; else the stage's dim, a multiple of them")));
}

/// Depthwise convolution that steps over the grid, and may give each channel several successors.
///
/// As the token mixer `depthwise_conv`, with a stride: output channel o sees input channel
/// floor(o C / dim).
/// Shape: [B, *grid, C] -> [B, *ceil(grid / stride), dim].
/// Params: as the token mixer's.
/// Throws: Error where dim is no multiple of C, or on a grid with prefix tokens.
/// Source: Yun, Lee, Ro 2024 (FFNet), arXiv:2406.02021; Wang et al. 2023 (RepViT),
///     arXiv:2307.09283.
/// Deviates: none.
class DepthwiseEmbedding final : public DepthwiseBranches<Embedding> {
 public:
  using Options = DepthwiseEmbeddingOptions;
  DepthwiseEmbedding(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override;
};

}  // namespace mixwright::convolution
