#pragma once

#include <mixwright/normalization.h>

namespace mixwright::norms {

/// What mean and variance are taken over.
enum class Over { kChannels, kAll };
MIXWRIGHT_CHOICES(Over, choice("channels", Over::kChannels), choice("all", Over::kAll))

/// What has a weight (and a bias) of its own.
enum class Affine { kNormalized, kChannels, kNone };
MIXWRIGHT_CHOICES(Affine,
                  choice("normalized", Affine::kNormalized),
                  choice("channels", Affine::kChannels),
                  choice("none", Affine::kNone))

struct LayerNormOptions {
  double eps = 1e-6;
  Over over = Over::kChannels;
  Affine affine = Affine::kNormalized;
  bool bias = true;
};
MIXWRIGHT_OPTIONS(
    LayerNormOptions,
    field("eps", &LayerNormOptions::eps).at_least(0).doc("added to the variance"),
    field("over", &LayerNormOptions::over)
        .doc("what mean and variance span: the channels of each token, or all tokens and channels"),
    field("affine", &LayerNormOptions::affine)
        .doc("\"normalized\": a weight for each value that is normalised together (with over = "
             "\"all\" one per place and channel, which fixes the grid); \"channels\": one per "
             "channel; \"none\": no weight and no bias"),
    field("bias", &LayerNormOptions::bias).doc("learn a bias beside the weight"))

/// Layer normalisation of one sample, over the channels of each token or over all it has.
///
///   y = (x - mean(x)) / sqrt(var(x) + eps) * weight + bias, var biased
///
/// Shape: [B, *grid, C] -> the same.
/// Params: LayerNormOptions. `weight`, `bias`: [C], or [*grid, C] with over = "all" and affine =
///   "normalized".
/// Throws: Error where the grid is not the one that [*grid, C] weights were made for.
/// Source: Ba, Kiros, Hinton 2016, arXiv:1607.06450 eq. 3; over = "all" with one weight per channel
///   is MetaFormer's, arXiv:2210.13452; over = "all" with all weights ParaMixer's,
///   arXiv:2406.12220.
/// Deviates: eps is 1e-6, as in MLP-Mixer and ViT; LibTorch's default is 1e-5.
class LayerNorm final : public Normalization {
 public:
  using Options = LayerNormOptions;
  LayerNorm(const Options& options, const BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  double eps_;
  bool over_all_;
  torch::Tensor weight_;  // undefined without affine
  torch::Tensor bias_;    // undefined without bias
};

}  // namespace mixwright::norms
