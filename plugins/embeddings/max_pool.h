#pragma once

#include <vector>

#include <mixwright/embedding.h>

namespace mixwright::embeddings {

struct MaxPoolOptions {
  int64_t kernel = 3;
  int64_t stride = 2;
  int64_t padding = 0;
};
MIXWRIGHT_OPTIONS(
    MaxPoolOptions,
    field("kernel", &MaxPoolOptions::kernel).at_least(1).doc("side of the window"),
    field("stride", &MaxPoolOptions::stride).at_least(1).doc("in each grid dimension"),
    field("padding", &MaxPoolOptions::padding)
        .at_least(0)
        .doc("places on each side that never win; at most half of the kernel"))

/// The largest value of each window, channel by channel.
///
/// Shape: [B, *grid, C] -> [B, *((grid + 2 padding - kernel) / stride + 1), C].
/// Params: MaxPoolOptions; no tensors.
/// Throws: Error where the window is larger than the padded grid.
/// Source: He et al. 2015, arXiv:1512.03385 table 1 (a stem's 3 / 2).
/// Deviates: none.
class MaxPool final : public Embedding {
 public:
  using Options = MaxPoolOptions;
  MaxPool(const Options& options, const BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  std::vector<int64_t> pooled(torch::IntArrayRef grid) const;

  Options sizes_;
};

}  // namespace mixwright::embeddings
