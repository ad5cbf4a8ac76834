#pragma once

#include <mixwright/in_place.h>

#include "bilinear.h"

namespace mixwright::energy {

/// The axis of the second layer that a shared synapse runs along.
enum class Axis { kTokens, kChannels };
MIXWRIGHT_CHOICES(Axis, choice("tokens", Axis::kTokens), choice("channels", Axis::kChannels))

struct SharedOptions {
  Axis axis = Axis::kTokens;
  bool asymmetric = false;
  double init_std = 0.02;
};
MIXWRIGHT_OPTIONS(
    SharedOptions,
    field("axis", &SharedOptions::axis)
        .doc("what of the second layer the weight runs along; along the other axis it "
             "is the same everywhere"),
    field("asymmetric", &SharedOptions::asymmetric)
        .doc("learn a second weight on the way back, which no energy has"),
    field("init_std", &SharedOptions::init_std)
        .at_least(0)
        .doc("standard deviation of the first weights"))

/// One weight for all channels, or for all tokens: the synapse of a mixer.
///
///   tokens:   E = -sum_c g_1[:, c]^T W g_2[:, c]      g_1 [h, C], or pooled [h]: the same for all
///   c channels: E = -sum_n g_1[n, :]^T W g_2[n, :]      g_1 [*grid, h], or pooled [h]
///
/// Asymmetric: the force on layer 2 is (W^T + A) g_1 instead of W^T g_1.
/// A first layer without grid is pooled: its units see the sum over the other axis.
/// Shape: g_2 [B, *grid, C] with N tokens.
/// Params: SharedOptions; `weight` W [h, N or C], `asymmetry` A [N or C, h].
/// Throws: Error where the first layer has neither of the two shapes.
/// Source: Tang, Kopp 2021, arXiv:2112.15097; Ota, Taki 2024, arXiv:2406.12220. Pooled: the flow in
///   the authors' demo of the latter.
/// Deviates: none.
class Shared final : public Bilinear, public AddsForce {
 public:
  using Options = SharedOptions;
  Shared(const Options& options, const BuildContext& context);
  bool is_symmetric() const override { return !asymmetry_.defined(); }
  Action force_into(const torch::Tensor& x,
                    Blend blend,
                    const std::vector<torch::Tensor>& g,
                    size_t i,
                    int64_t times) const override;

 protected:
  torch::Tensor there(const torch::Tensor& second, at::IntArrayRef first_sizes) const override;
  torch::Tensor back(const torch::Tensor& first, at::IntArrayRef second_sizes) const override;

 private:
  torch::Tensor along_axis(const torch::Tensor& g) const;
  Action pooled_force_into(const torch::Tensor& x,
                           Blend blend,
                           const std::vector<torch::Tensor>& g,
                           size_t i,
                           int64_t times) const;
  /// The way back W^T + A: [N or C, h].
  torch::Tensor way_back() const;

  Axis axis_;
  bool pooled_ = false;
  torch::Tensor weight_;
  torch::Tensor asymmetry_;  // undefined where the way back is the transpose
};

}  // namespace mixwright::energy
