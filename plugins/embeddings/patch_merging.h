#pragma once

#include <optional>

#include <mixwright/embedding.h>

namespace mixwright::embeddings {

struct PatchMergingOptions {
  Component<Normalization> norm{"layer_norm"};
  bool bias = false;
  std::optional<int64_t> dim;
};
MIXWRIGHT_OPTIONS(
    PatchMergingOptions,
    field("norm", &PatchMergingOptions::norm).doc("over the merged channels; Swin's eps is 1e-5"),
    field("bias", &PatchMergingOptions::bias).doc("add a bias to the projection"),
    field("dim", &PatchMergingOptions::dim)
        .at_least(1)
        .doc("channels out; the stage's where not given"))

/// Patch merging: neighbours, two in each grid dimension, become one token.
///
///   y = W norm([x(0, 0); x(1, 0); x(0, 1); x(1, 1)]), x(i, j) = x at row 2h + i, column 2w + j
///
/// The first grid dimension runs fastest within the merged channels. Odd grids are padded with
/// zeros behind.
///
/// Shape: [B, H, W, C] -> [B, ceil(H / 2), ceil(W / 2), dim]; other ranks r alike, merging 2^r.
/// Params: PatchMergingOptions. `norm.*` over 2^r C channels, `reduction.weight` [dim, 2^r C],
///   `reduction.bias`.
/// Source: Liu et al. 2021, arXiv:2103.14030 sec. 3.1.
/// Deviates: none; the order of the neighbours is that of the authors' code and timm.
class PatchMerging final : public Embedding {
 public:
  using Options = PatchMergingOptions;
  PatchMerging(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override;
  LayerPtr for_inference_within(const Surroundings& around) override;

 private:
  LayerPtr norm_;
  torch::nn::Linear reduction_{nullptr};
};

}  // namespace mixwright::embeddings
