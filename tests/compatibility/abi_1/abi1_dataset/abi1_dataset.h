#pragma once

#include <mixwright/dataset.h>

struct Abi1DatasetOptions {
  int64_t samples = 20000;
  int64_t side = 28;
};
MIXWRIGHT_OPTIONS(
    Abi1DatasetOptions,
    field("samples", &Abi1DatasetOptions::samples)
        .at_least(10)
        .doc("for training; a fifth as many for the test"),
    field("side", &Abi1DatasetOptions::side).at_least(8).doc("of the square pictures"))

/// Pictures of bars in four directions, drawn from the number of the sample, with noise.
///
/// Shape: a sample is [side, side, 1] bytes, its target the direction, 0 to 3.
/// Thread: reading changes nothing, so any number of threads may do it.
/// Source: replace by where the data come from, and under which licence.
class Abi1Dataset final : public mixwright::Dataset {
 public:
  using Options = Abi1DatasetOptions;
  explicit Abi1Dataset(const Options& options);
  const mixwright::DatasetInfo& info() const override { return info_; }
  int64_t size(mixwright::Split split) const override;
  mixwright::Batch read(mixwright::Split split, std::span<const int64_t> indices) const override;

 private:
  int64_t samples_;
  int64_t side_;
  mixwright::DatasetInfo info_;
};
