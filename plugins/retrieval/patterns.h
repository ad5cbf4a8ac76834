#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <mixwright/dataset.h>

struct PatternsOptions {
  int64_t count = 16;
  std::vector<int64_t> shape = {64, 1};
  mixwright::Component<mixwright::Dataset> of;
  int64_t pool = 1;
  bool binary = true;
  double flip = 0.1;
  double noise = 0;
  std::optional<int64_t> seed;
};

MIXWRIGHT_OPTIONS(
    PatternsOptions,
    field("count", &PatternsOptions::count).at_least(1).doc("patterns"),
    field("shape", &PatternsOptions::shape)
        .at_least(1)
        .doc("of a random pattern: its grid, then its channels"),
    field("of", &PatternsOptions::of)
        .doc("a dataset whose training samples are the patterns, chosen at random, in place of "
             "random values"),
    field("pool", &PatternsOptions::pool)
        .at_least(1)
        .doc("of a dataset's samples: side of the windows whose mean is one value of the pattern"),
    field("binary", &PatternsOptions::binary)
        .doc("values -1 and 1; of a dataset's samples 1 above the pattern's own mean"),
    field("flip", &PatternsOptions::flip)
        .at_least(0)
        .at_most(1)
        .doc("share of a cue's values, to the nearest whole number of them, whose sign is changed"),
    field("noise", &PatternsOptions::noise)
        .at_least(0)
        .doc("standard deviation of normal noise on every value of a cue"),
    field("seed", &PatternsOptions::seed)
        .at_least(0)
        .doc("of the patterns and of the cues; the run's where it is not given"))

/// Patterns for a memory to store, and cues by which it is asked for them.
///
/// The training split is the patterns, the test split a cue for each: the pattern with some signs
/// changed, with noise. Targets of both are the patterns. Each pattern is a class.
///
/// Shape: inputs and targets [B, *grid, C] float. Random patterns are -1 and 1 with equal
/// probability, or normal where they are not binary.
/// Throws: mixwright::Error where `of` has too few samples, or ones of another shape than grid and
/// channels.
/// Source: Hopfield 1982, doi:10.1073/pnas.79.8.2554.
class PatternsDataset final : public mixwright::Dataset {
 public:
  using Options = PatternsOptions;
  PatternsDataset(const Options& options, const mixwright::BuildContext& context);

  const mixwright::DatasetInfo& info() const override { return info_; }
  int64_t size(mixwright::Split) const override { return patterns_.size(0); }
  mixwright::Batch read(mixwright::Split split, std::span<const int64_t> indices) const override;

 private:
  torch::Tensor random_patterns() const;
  torch::Tensor taken_from(const mixwright::Dataset& source) const;
  torch::Tensor cue(const torch::Tensor& pattern, int64_t index) const;

  PatternsOptions options_;
  uint64_t seed_;
  torch::Tensor patterns_;  // [count, *grid, C]
  mixwright::DatasetInfo info_;
};
