#pragma once

#include <mixwright/transform.h>

struct Abi1TransformOptions {
  double strength = 0.3;
};
MIXWRIGHT_OPTIONS(Abi1TransformOptions,
                  field("strength", &Abi1TransformOptions::strength)
                      .at_least(0)
                      .at_most(1)
                      .doc("largest change of the brightness, as a share of it"))

/// Makes a picture brighter or darker.
///
///   y = x f,  f uniform in [1 - strength, 1 + strength)
///
/// Shape: [*grid, C] -> the same; bytes stay bytes and end at 255.
/// Thread: any number at once: all randomness comes with the call.
/// Source: replace by authors, year, arXiv id and equation.
class Abi1Transform final : public mixwright::Transform {
 public:
  using Options = Abi1TransformOptions;
  explicit Abi1Transform(const Options& options) : strength_(options.strength) {}
  torch::Tensor apply(const torch::Tensor& sample, mixwright::SampleRandom& random) const override;

 private:
  double strength_;
};
