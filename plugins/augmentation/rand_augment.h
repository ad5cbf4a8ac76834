#pragma once

#include <mixwright/transform.h>

#include "picture_operations.h"
#include "picture_sampling.h"

struct RandAugmentOptions {
  int64_t operations = 2;
  double probability = 1.0;
  int64_t magnitude = 9;
  double magnitude_std = 0.0;
  int64_t bins = 31;
  picture::Interpolation interpolation = picture::Interpolation::kNearest;
  int64_t fill = 0;
};

MIXWRIGHT_OPTIONS(RandAugmentOptions,
                  field("operations", &RandAugmentOptions::operations)
                      .at_least(1)
                      .doc("how many are applied to a sample, one after the other"),
                  field("probability", &RandAugmentOptions::probability)
                      .at_least(0)
                      .at_most(1)
                      .doc("share of those that are drawn which is applied indeed"),
                  field("magnitude", &RandAugmentOptions::magnitude)
                      .at_least(0)
                      .doc("how strongly: 0 to bins - 1"),
                  field("magnitude_std", &RandAugmentOptions::magnitude_std)
                      .at_least(0)
                      .doc("standard deviation of the magnitude, which is drawn anew for each "
                           "operation, rounded and kept in 0 to bins - 1; 0: always the same"),
                  field("bins", &RandAugmentOptions::bins).at_least(2).doc("number of magnitudes"),
                  field("interpolation", &RandAugmentOptions::interpolation)
                      .doc("of places that are moved by a fraction"),
                  field("fill", &RandAugmentOptions::fill)
                      .at_least(0)
                      .at_most(255)
                      .doc("level, of 255, of what comes in from outside the picture"))

/// Applies operations that are drawn at random, the same one twice included, all with one
/// magnitude: identity, shear, translate and rotate, brightness, color, contrast and sharpness,
/// posterize, solarize, autocontrast and equalize. Half of the magnitudes are negative where that
/// means something. For pictures before normalisation; floats in 0 to 1 go through bytes.
/// Shape: [H, W, C] -> the same, C = 1 or 3.
/// Throws: mixwright::Error for other samples, and for a magnitude that is not below `bins`.
/// Source: E. Cubuk, B. Zoph, J. Shlens, Q. Le 2019, arXiv:1909.13719, figure 2.
/// Deviates: the ranges of the operations, the signs and 31 magnitudes instead of 11 are
/// torchvision's (0.28.0). `probability` and `magnitude_std` are timm's (0.5 and mstd of its
/// rand-m9-mstd0.5).
class RandAugment final : public mixwright::Transform {
 public:
  using Options = RandAugmentOptions;
  explicit RandAugment(const Options& options);
  torch::Tensor apply(const torch::Tensor& sample, mixwright::SampleRandom& random) const override;
  /// One operation for a picture of this size, whether it is applied or not.
  picture::Drawn draw(int64_t height, int64_t width, mixwright::SampleRandom& random) const;

 private:
  int64_t draw_magnitude(mixwright::SampleRandom& random) const;

  Options options_;
};
