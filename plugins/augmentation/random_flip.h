#pragma once

#include <mixwright/transform.h>

struct RandomFlipOptions {
  double probability = 0.5;
};

MIXWRIGHT_OPTIONS(RandomFlipOptions,
                  field("probability", &RandomFlipOptions::probability)
                      .at_least(0)
                      .at_most(1)
                      .doc("share of the samples that are mirrored"))

/// Mirrors a sample along its last grid dimension: left and right of a picture.
/// Shape: [*grid, C] -> the same.
class RandomFlip final : public mixwright::Transform {
 public:
  using Options = RandomFlipOptions;
  explicit RandomFlip(const Options& options) : probability_(options.probability) {}
  torch::Tensor apply(const torch::Tensor& sample, mixwright::SampleRandom& random) const override;

 private:
  double probability_;
};
