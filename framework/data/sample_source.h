#pragma once

#include <memory>
#include <string>
#include <vector>

#include <mixwright/dataset.h>
#include <mixwright/task.h>

namespace mixwright::data {

/// Where in a training a batch stands: all that its randomness depends on, beside its samples.
struct BatchPlace {
  uint64_t seed = 0;
  int64_t epoch = 0;
  int64_t batch = 0;    ///< within the epoch
  int64_t first = 0;    ///< place of its first sample in the epoch's order
  int64_t repeats = 1;  ///< how often the order names a sample, each time in a row
};

/// Part of a dataset's split, with augmentation: what a loader takes its samples from.
struct SampleSource {
  std::shared_ptr<const Dataset> dataset;
  std::string name;  ///< for errors: the dataset component's name
  Split split = Split::kTrain;
  std::vector<int64_t> samples;  ///< which of the split; empty: all
  std::vector<std::shared_ptr<const Transform>> transforms;
  bool training = false;             ///< the dataset may cut at random, transforms run
  std::shared_ptr<const Task> task;  ///< prepares what was read; null: it stays as it is

  int64_t size() const;
  /// Reads the samples at `places` of this source, augments, normalises and prepares them. A
  /// sample's randomness is a function of (seed, epoch, its index in the split, which of its
  /// repeats), a batch's one of (seed, epoch, batch): they look the same wherever and whenever they
  /// are read. Outside of training a sample's is a function of its index alone.
  /// Throws: mixwright::Error that names the dataset and, for a transform or a label that is no
  /// class of the dataset's, the sample.
  Batch read(std::span<const int64_t> places, const BatchPlace& where) const;

 private:
  Batch read_dataset(std::span<const int64_t> indices, std::span<SampleRandom> random) const;
  void augment(Batch& batch, std::span<SampleRandom> random) const;
  void augment_whole(Batch& batch, const BatchPlace& where) const;
  void prepare(Batch& batch, std::span<SampleRandom> random) const;
};

}  // namespace mixwright::data
