#include "abi1_dataset.h"

#include <algorithm>
#include <string>

#include <mixwright/error.h>

using mixwright::Batch;
using mixwright::Split;

namespace {

const std::vector<std::string> kDirections = {"across", "down", "falling", "rising"};

/// How far a place lies along the direction that the bars cross.
int64_t distance(int64_t direction, int64_t row, int64_t column) {
  switch (direction) {
    case 0:
      return row;
    case 1:
      return column;
    case 2:
      return row - column;
    default:
      return row + column;
  }
}

}  // namespace

Abi1Dataset::Abi1Dataset(const Options& options) : samples_(options.samples), side_(options.side) {
  info_.input = {{side_, side_}, 1, 0, {}};
  info_.classes = static_cast<int64_t>(kDirections.size());
  info_.class_names = kDirections;
  info_.mean = {0.5};  // the host makes (value / 255 - mean) / std of bytes
  info_.std = {0.3};
}

int64_t Abi1Dataset::size(Split split) const {
  return split == Split::kTrain ? samples_ : samples_ / 5;
}

Batch Abi1Dataset::read(Split split, std::span<const int64_t> indices) const {
  const auto count = static_cast<int64_t>(indices.size());
  Batch batch;
  batch.inputs = torch::empty({count, side_, side_, 1}, torch::kUInt8);
  batch.targets = torch::empty({count}, torch::kInt64);
  batch.indices = torch::empty({count}, torch::kInt64);
  auto* pixel = batch.inputs.data_ptr<uint8_t>();
  for (int64_t i = 0; i < count; ++i) {
    const int64_t index = indices[static_cast<size_t>(i)];
    if (index < 0 || index >= size(split)) {
      throw mixwright::Error("sample " + std::to_string(index) + " does not exist; the split has " +
                             std::to_string(size(split)));
    }
    // All of a sample follows from its number, so that every read of it is the same.
    mixwright::SampleRandom random(1, split == Split::kTrain ? 0 : 1, static_cast<uint64_t>(index));
    const int64_t direction = random.integer(0, info_.classes - 1);
    const int64_t period = random.integer(4, 7);
    const int64_t shift = random.integer(0, 6) + 7 * side_;  // keeps what is divided positive
    for (int64_t row = 0; row < side_; ++row) {
      for (int64_t column = 0; column < side_; ++column) {
        const bool bar = (distance(direction, row, column) + shift) % period < period / 2;
        const double value = (bar ? 180 : 80) + 40 * random.normal();
        *pixel++ = static_cast<uint8_t>(std::clamp(value, 0.0, 255.0));
      }
    }
    batch.targets[i] = direction;
    batch.indices[i] = index;
  }
  return batch;
}

MIXWRIGHT_PLUGIN("abi1_dataset",
                 "0.1.0",
                 "Apache-2.0",
                 dataset<Abi1Dataset>("abi1_dataset",
                                      "bars in four directions",
                                      "drawn as it is read"))
