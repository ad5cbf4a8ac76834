#pragma once

#include <optional>
#include <vector>

#include <mixwright/embedding.h>
#include <mixwright/layers.h>

namespace mixwright::embeddings {

struct ConvOptions {
  int64_t kernel = 3;
  int64_t stride = 2;
  std::optional<int64_t> padding;
  std::vector<int64_t> kernels;
  std::vector<int64_t> strides;
  std::vector<int64_t> paddings;
  std::optional<int64_t> dim;
  int64_t groups = 1;
  bool bias = true;
  Component<Normalization> pre_norm;
  Component<Normalization> norm;
};
MIXWRIGHT_OPTIONS(
    ConvOptions,
    field("kernel", &ConvOptions::kernel).at_least(1).doc("size, in each grid dimension"),
    field("stride", &ConvOptions::stride).at_least(1).doc("in each grid dimension"),
    field("padding", &ConvOptions::padding)
        .at_least(0)
        .doc("zeros on each side; not given: (kernel - 1) / 2, of an even kernel one more behind"),
    field("kernels", &ConvOptions::kernels)
        .at_least(1)
        .doc("one size per grid dimension, instead of `kernel`"),
    field("strides", &ConvOptions::strides)
        .at_least(1)
        .doc("one per grid dimension, instead of `stride`"),
    field("paddings", &ConvOptions::paddings)
        .at_least(0)
        .doc("one per grid dimension, instead of `padding`"),
    field("dim", &ConvOptions::dim).at_least(1).doc("channels out; the stage's where not given"),
    field("groups", &ConvOptions::groups).at_least(1).doc("groups of channels"),
    field("bias", &ConvOptions::bias).doc("add a bias to the convolution"),
    field("pre_norm", &ConvOptions::pre_norm).doc("before the convolution"),
    field("norm", &ConvOptions::norm).doc("after the convolution"))

/// Convolution that embeds: a stem, or the downsampling between two stages.
///
///   y = norm(W * pre_norm(x) + b)
///
/// Shape: [B, *grid, C] -> [B, *((grid + 2 padding - kernel) / stride + 1), dim].
/// Params: ConvOptions. `conv.weight` [dim, C / groups, *kernel], `conv.bias`, `pre_norm.*`,
///   `norm.*`.
/// Throws: Error where the kernel is larger than the padded grid, or `groups` does not divide the
///   channels.
/// Source: Yu et al. 2022, arXiv:2210.13452 sec. 3 (stem 7 / 4, downsampling 3 / 2).
/// Deviates: none.
class Conv final : public Embedding {
 public:
  using Options = ConvOptions;
  Conv(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override;
  LayerPtr for_inference_within(const Surroundings& around) override;

 private:
  LayerPtr pre_norm_;
  GridConvolution conv_{nullptr};
  LayerPtr norm_;
};

}  // namespace mixwright::embeddings
