#pragma once

#include <mixwright/embedding.h>
#include <mixwright/layers.h>

struct Abi1EmbeddingOptions {
  int64_t kernel = 7;
  int64_t stride = 4;
};
MIXWRIGHT_OPTIONS(Abi1EmbeddingOptions,
                  field("kernel", &Abi1EmbeddingOptions::kernel)
                      .at_least(1)
                      .odd()
                      .doc("side of the window that a token sees"),
                  field("stride", &Abi1EmbeddingOptions::stride)
                      .at_least(1)
                      .doc("distance between the windows of two tokens"))

/// Overlapping windows of the input become tokens.
///
///   y = W * x + b, a convolution of stride s and kernel k, padded by (k - 1) / 2
///
/// Shape: [B, *grid, C] -> [B, *((grid - 1) / s + 1), dim].
/// Params: Abi1EmbeddingOptions. `conv.weight` [dim, C, *k], `conv.bias` [dim].
/// Source: replace by authors, year, arXiv id and equation.
/// Deviates: none.
class Abi1Embedding final : public mixwright::Embedding {
 public:
  using Options = Abi1EmbeddingOptions;
  Abi1Embedding(const Options& options, const mixwright::BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  mixwright::GridConvolution conv_{nullptr};
};
