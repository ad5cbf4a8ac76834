#pragma once

#include <memory>
#include <string>
#include <vector>

#include <mixwright/dataset.h>

namespace mixwright::data {

/// Part of a dataset's split, with augmentation: what a loader takes its samples from.
struct SampleSource {
  std::shared_ptr<const Dataset> dataset;
  std::string name;  ///< for errors: the dataset component's name
  Split split = Split::kTrain;
  std::vector<int64_t> samples;  ///< which of the split; empty: all
  std::vector<std::shared_ptr<const Transform>> transforms;

  int64_t size() const;
  /// Reads the samples at `places` of this source and augments each by (seed, epoch, its index in
  /// the split), so that it looks the same wherever and whenever it is read.
  /// Throws: mixwright::Error that names the dataset and, for a transform, the sample.
  Batch read(std::span<const int64_t> places, uint64_t seed, int64_t epoch) const;

 private:
  void augment(Batch& batch, uint64_t seed, int64_t epoch) const;
};

}  // namespace mixwright::data
