#include "patterns.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <mixwright/error.h>

using mixwright::Batch;
using mixwright::Dataset;
using mixwright::Error;
using mixwright::SampleRandom;
using mixwright::Split;

namespace {

// Streams of randomness beside one another, in the place of SampleRandom's epoch.
constexpr uint64_t kPatternStream = 0;
constexpr uint64_t kCueStream = 1;
constexpr uint64_t kChoiceStream = 2;

constexpr int64_t kMostValues = int64_t{1} << 31;  // of all patterns: 8 GiB
constexpr int64_t kReadAtOnce = 256;

/// One of 64 signs.
float sign_of(uint64_t bits, int64_t place) {
  return (bits >> static_cast<uint64_t>(place) & 1U) != 0 ? 1.0F : -1.0F;
}

/// `count` of `all`, in random order, each once: the beginning of a Fisher-Yates shuffle.
std::vector<int64_t> drawn(int64_t count, int64_t all, SampleRandom& random) {
  std::vector<int64_t> places(static_cast<size_t>(all));
  std::iota(places.begin(), places.end(), 0);
  for (int64_t i = 0; i < count; ++i) {
    std::swap(places[static_cast<size_t>(i)],
              places[static_cast<size_t>(random.integer(i, all - 1))]);
  }
  places.resize(static_cast<size_t>(count));
  return places;
}

/// Values as the network would see them: bytes in 0 to 1, then by the dataset's mean and deviation.
torch::Tensor as_values(const torch::Tensor& inputs, const mixwright::DatasetInfo& info) {
  torch::Tensor values = inputs.scalar_type() == torch::kUInt8
                             ? inputs.to(torch::kFloat32).div_(255)
                             : inputs.to(torch::kFloat32);
  if (!info.mean.empty()) values = values - torch::tensor(info.mean, torch::kFloat32);
  if (!info.std.empty()) values = values / torch::tensor(info.std, torch::kFloat32);
  return values;
}

/// [B, H, W, C] -> [B, H / side, W / side, C]: means of windows; what is left at the edges is cut.
torch::Tensor pooled(const torch::Tensor& pictures, int64_t side) {
  if (side == 1) return pictures;
  if (pictures.dim() != 4 || pictures.size(1) < side || pictures.size(2) < side) {
    throw Error("pool = " + std::to_string(side) + " of samples " +
                mixwright::list_text(pictures.sizes().slice(1).vec()) +
                "; pictures at least as large expected");
  }
  return torch::avg_pool2d(pictures.movedim(3, 1), side).movedim(1, 3).contiguous();
}

}  // namespace

PatternsDataset::PatternsDataset(const Options& options, const mixwright::BuildContext& context)
    : options_(options), seed_(static_cast<uint64_t>(options.seed.value_or(0))) {
  const std::shared_ptr<Dataset> source = options.of.build(context);
  patterns_ = source ? taken_from(*source) : random_patterns();
  info_.input.grid = patterns_.sizes().slice(1).vec();
  info_.input.channels = info_.input.grid.back();
  info_.input.grid.pop_back();
  info_.classes = options.count;
}

torch::Tensor PatternsDataset::random_patterns() const {
  int64_t values = 1;
  for (const int64_t side : options_.shape) {
    if (values > kMostValues / options_.count / side) {
      throw mixwright::BuildError(std::to_string(options_.count) + " patterns of shape " +
                                  mixwright::list_text(options_.shape) + " are more than " +
                                  std::to_string(kMostValues) + " values; make less of them");
    }
    values *= side;
  }
  if (options_.shape.size() < 2) {
    throw mixwright::BuildError("shape = " + mixwright::list_text(options_.shape) +
                                "; grid and channels expected, such as [64, 1]");
  }
  std::vector<int64_t> sizes = {options_.count};
  sizes.insert(sizes.end(), options_.shape.begin(), options_.shape.end());
  torch::Tensor patterns = torch::empty(sizes, torch::kFloat32);
  auto* out = patterns.data_ptr<float>();
  for (int64_t i = 0; i < options_.count; ++i) {
    SampleRandom random(seed_, kPatternStream, static_cast<uint64_t>(i));
    uint64_t bits = 0;
    for (int64_t k = 0; k < values; ++k) {
      if (k % 64 == 0 && options_.binary) bits = random.bits();
      *out++ = options_.binary ? sign_of(bits, k % 64) : static_cast<float>(random.normal());
    }
  }
  return patterns;
}

torch::Tensor PatternsDataset::taken_from(const Dataset& source) const {
  const int64_t size = source.size(Split::kTrain);
  if (size < options_.count) {
    throw Error(std::to_string(options_.count) + " patterns wanted, the dataset has " +
                std::to_string(size) + " training samples; lower count");
  }
  if (source.info().vocabulary > 0) {
    throw Error("the dataset's samples are token ids; values expected");
  }
  SampleRandom random(seed_, kChoiceStream, 0);
  const std::vector<int64_t> chosen = drawn(options_.count, size, random);
  std::vector<torch::Tensor> parts;
  for (int64_t begin = 0; begin < options_.count; begin += kReadAtOnce) {
    const int64_t count = std::min(kReadAtOnce, options_.count - begin);
    const Batch batch = source.read(
        Split::kTrain,
        std::span(chosen).subspan(static_cast<size_t>(begin), static_cast<size_t>(count)));
    torch::Tensor values = pooled(as_values(batch.inputs, source.info()), options_.pool);
    if (options_.binary) {
      const torch::Tensor flat = values.flatten(1);  // [B, *grid, C] -> [B, d]
      const torch::Tensor above = flat > flat.mean(1, /*keepdim=*/true);
      values = above.to(torch::kFloat32).mul_(2).sub_(1).view(values.sizes());
    }
    parts.push_back(values);
  }
  return torch::cat(parts);
}

/// The pattern with some of its signs changed, and noise: a function of (seed, index).
torch::Tensor PatternsDataset::cue(const torch::Tensor& pattern, int64_t index) const {
  SampleRandom random(seed_, kCueStream, static_cast<uint64_t>(index));
  torch::Tensor result = pattern.clone();
  auto* values = result.data_ptr<float>();
  const int64_t all = result.numel();
  const auto flips = std::llround(options_.flip * static_cast<double>(all));
  for (const int64_t place : drawn(flips, all, random)) values[place] = -values[place];
  if (options_.noise > 0) {
    for (int64_t i = 0; i < all; ++i) {
      values[i] += static_cast<float>(random.normal() * options_.noise);
    }
  }
  return result;
}

Batch PatternsDataset::read(Split split, std::span<const int64_t> indices) const {
  std::vector<torch::Tensor> patterns;
  std::vector<torch::Tensor> cues;
  for (const int64_t index : indices) {
    if (index < 0 || index >= patterns_.size(0)) {
      throw Error("pattern " + std::to_string(index) + " does not exist; there are " +
                  std::to_string(patterns_.size(0)));
    }
    patterns.push_back(patterns_[index]);
    if (split == Split::kTest) cues.push_back(cue(patterns_[index], index));
  }
  Batch batch;
  batch.targets = torch::stack(patterns);
  batch.inputs = split == Split::kTest ? torch::stack(cues) : batch.targets.clone();
  batch.indices = torch::tensor(std::vector<int64_t>(indices.begin(), indices.end()));
  return batch;
}
