#pragma once

#include <cstdint>
#include <optional>

#include <mixwright/transform.h>

enum class ErasingFill { kConstant, kNoise };

MIXWRIGHT_CHOICES(ErasingFill,
                  choice("constant", ErasingFill::kConstant),
                  choice("noise", ErasingFill::kNoise))

struct RandomErasingOptions {
  double probability = 0.25;
  double min_area = 0.02;
  double max_area = 1.0 / 3.0;
  double min_aspect = 0.3;
  double max_aspect = 1.0 / 0.3;
  ErasingFill fill = ErasingFill::kConstant;
  double value = 0;
};

MIXWRIGHT_OPTIONS(
    RandomErasingOptions,
    field("probability", &RandomErasingOptions::probability)
        .at_least(0)
        .at_most(1)
        .doc("share of the samples of which something is erased"),
    field("min_area", &RandomErasingOptions::min_area)
        .at_least(0)
        .at_most(1)
        .doc("smallest rectangle, as a share of the picture"),
    field("max_area", &RandomErasingOptions::max_area)
        .at_least(0)
        .at_most(1)
        .doc("largest rectangle, as a share of the picture"),
    field("min_aspect", &RandomErasingOptions::min_aspect)
        .at_least(0.01)
        .doc("smallest height / width of the rectangle"),
    field("max_aspect", &RandomErasingOptions::max_aspect)
        .at_least(0.01)
        .doc("largest height / width of the rectangle"),
    field("fill", &RandomErasingOptions::fill)
        .doc("what stands there afterwards: value, or noise with mean 0 and variance 1 in every "
             "place and channel"),
    field("value", &RandomErasingOptions::value)
        .doc("for fill = \"constant\"; pictures are normalised by then, so 0 is the data's mean"))

/// Erases a rectangle of a picture. Share of the area ~ U(min_area, max_area), logarithm of
/// height / width ~ U(log min_aspect, log max_aspect), place uniform; drawn again, up to ten times,
/// where it does not fit. Works on the batch after normalisation, each sample with draws of its
/// own.
/// Shape: [batch, H, W, C] -> the same.
/// Throws: mixwright::Error for other ranks, and where a smallest exceeds its largest.
/// Source: Z. Zhong, L. Zheng, G. Kang, S. Li, Y. Yang 2020, arXiv:1708.04896, algorithm 1.
/// Deviates: aspects are uniform in their logarithm and tries end, as in timm and torchvision;
/// default ranges of timm.
class RandomErasing final : public mixwright::Transform {
 public:
  using Options = RandomErasingOptions;
  struct Size {
    int64_t height = 0;
    int64_t width = 0;
  };

  explicit RandomErasing(const Options& options);
  void apply_to_batch(mixwright::Batch& batch, mixwright::SampleRandom& random) const override;

  /// Sides of a rectangle with this share of the area; none where it is not smaller than the
  /// picture.
  static std::optional<Size> rectangle(Size picture, double area_share, double log_aspect);

 private:
  void erase(const torch::Tensor& picture, mixwright::SampleRandom& random) const;  // a view
  torch::Tensor filling(Size size, int64_t channels, mixwright::SampleRandom& random) const;
  Options options_;
};
