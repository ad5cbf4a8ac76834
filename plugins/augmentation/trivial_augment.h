#pragma once

#include <mixwright/transform.h>

#include "picture_operations.h"
#include "picture_sampling.h"

struct TrivialAugmentOptions {
  int64_t bins = 31;
  picture::Interpolation interpolation = picture::Interpolation::kNearest;
  int64_t fill = 0;
};

MIXWRIGHT_OPTIONS(
    TrivialAugmentOptions,
    field("bins", &TrivialAugmentOptions::bins).at_least(2).doc("number of magnitudes"),
    field("interpolation", &TrivialAugmentOptions::interpolation)
        .doc("of places that are moved by a fraction"),
    field("fill", &TrivialAugmentOptions::fill)
        .at_least(0)
        .at_most(255)
        .doc("level, of 255, of what comes in from outside the picture"))

/// Applies one operation of rand_augment to each sample, with a magnitude drawn from a wider range.
/// Shape: [H, W, C] -> the same, C = 1 or 3.
/// Throws: mixwright::Error for other samples.
/// Source: S. Müller, F. Hutter 2021, arXiv:2103.10158, algorithm 1 and the "wide" space, as in
/// torchvision 0.28.0.
/// Deviates: none.
class TrivialAugment final : public mixwright::Transform {
 public:
  using Options = TrivialAugmentOptions;
  explicit TrivialAugment(const Options& options) : options_(options) {}
  torch::Tensor apply(const torch::Tensor& sample, mixwright::SampleRandom& random) const override;
  /// The operation for a picture of this size.
  picture::Drawn draw(int64_t height, int64_t width, mixwright::SampleRandom& random) const;

 private:
  Options options_;
};
