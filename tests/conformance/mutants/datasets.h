#pragma once

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>

#include <mixwright/dataset.h>

// Datasets that break one promise each, and one that keeps all: sample i is the number i.

namespace mutants {

enum class Fault {
  kNone,
  kTargetsOutOfRange,
  kOtherShape,
  kDraws,
  kForgetsOrder,
  kAnyIndex,
  kSharedCursor,
};

template <Fault kFault>
class Numbers final : public mixwright::Dataset {
 public:
  Numbers() {
    info_.input = mixwright::Shape{{3}, 2, 0, {}};
    info_.classes = 4;
    info_.mean = {0.5};
    info_.std = {0.25};
  }
  const mixwright::DatasetInfo& info() const override { return info_; }
  int64_t size(mixwright::Split split) const override {
    return split == mixwright::Split::kTrain ? 20 : 6;
  }
  mixwright::Batch read(mixwright::Split split, std::span<const int64_t> indices) const override {
    std::vector<int64_t> own(indices.begin(), indices.end());
    for (int64_t& index : own) {
      if (kFault == Fault::kAnyIndex) index = (index + size(split)) % size(split);
      if (index < 0 || index >= size(split)) {
        throw mixwright::Error("sample " + std::to_string(index) + " does not exist");
      }
    }
    if (kFault == Fault::kForgetsOrder) std::sort(own.begin(), own.end());
    if (kFault == Fault::kSharedCursor) pass_by(own);
    mixwright::Batch batch;
    batch.indices = torch::tensor(own);
    batch.targets = kFault == Fault::kTargetsOutOfRange ? batch.indices : batch.indices % 4;
    const int64_t width = kFault == Fault::kOtherShape ? 3 : 2;
    batch.inputs = batch.indices.to(torch::kFloat32).view({-1, 1, 1}).expand({-1, 3, width});
    batch.inputs = kFault == Fault::kDraws ? batch.inputs + torch::rand({}) : batch.inputs.clone();
    return batch;
  }

 private:
  /// Each index goes through one place that all threads share.
  static void pass_by(std::vector<int64_t>& indices) {
    static std::atomic<int64_t> cursor;
    for (int64_t& index : indices) {
      cursor = index;
      for (int i = 0; i < 100; ++i) std::this_thread::yield();
      index = cursor;
    }
  }

  mixwright::DatasetInfo info_;
};

/// Takes its randomness from elsewhere than it is given.
class OwnRandomTransform final : public mixwright::Transform {
 public:
  torch::Tensor apply(const torch::Tensor& sample,
                      mixwright::SampleRandom& /*random*/) const override {
    return torch::rand({}).item<double>() < 0.5 ? sample : sample.flip(0) + sample;
  }
};

/// Writes into the sample that it is given.
class InPlaceTransform final : public mixwright::Transform {
 public:
  torch::Tensor apply(const torch::Tensor& sample, mixwright::SampleRandom&) const override {
    return sample.fill_(0);
  }
};

}  // namespace mutants
