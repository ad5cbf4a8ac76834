#include "framework/data/batch_loader.h"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "framework/data/permutation.h"
#include "plugins/augmentation/random_crop.h"
#include "plugins/augmentation/random_flip.h"

namespace mixwright::data {
namespace {

using testing::HasSubstr;

/// Sample i is a 4 x 4 picture of noise that depends on i alone.
class Noise : public Dataset {
 public:
  explicit Noise(int64_t size) : size_(size) {
    info_.input.grid = {4, 4}, info_.input.channels = 1;
  }
  const DatasetInfo& info() const override { return info_; }
  int64_t size(Split) const override { return size_; }
  Batch read(Split, std::span<const int64_t> indices) const override {
    Batch batch;
    const auto count = static_cast<int64_t>(indices.size());
    batch.inputs = torch::empty({count, 4, 4, 1});
    batch.targets = torch::empty({count}, torch::kInt64);
    batch.indices = torch::empty({count}, torch::kInt64);
    for (int64_t b = 0; b < count; ++b) {
      const int64_t index = indices[static_cast<size_t>(b)];
      if (index == broken) throw std::runtime_error("record " + std::to_string(index) + " is bad");
      SampleRandom random(9, 9, static_cast<uint64_t>(index));
      float* values = batch.inputs.data_ptr<float>() + b * 16;
      for (int i = 0; i < 16; ++i) values[i] = static_cast<float>(random.uniform());
      batch.targets[b] = index % 3;
      batch.indices[b] = index;
    }
    reads += count;
    return batch;
  }
  int64_t broken = -1;
  mutable std::atomic<int64_t> reads{0};

 private:
  int64_t size_;
  DatasetInfo info_;
};

SampleSource source_of(const std::shared_ptr<Noise>& dataset, bool augmented) {
  SampleSource source;
  source.dataset = dataset;
  source.name = "noise";
  if (augmented) {
    source.training = true;
    source.transforms = {std::make_shared<RandomFlip>(RandomFlipOptions{}),
                         std::make_shared<RandomCrop>(RandomCropOptions{2, CropBorder::kZero})};
  }
  return source;
}

LoaderOptions options_of(int64_t workers) {
  LoaderOptions options;
  options.batch_size = 5;
  options.shuffle = true;
  options.workers = workers;
  options.prefetch = 3;
  options.seed = 7;
  return options;
}

std::vector<Batch> all(BatchLoader& loader) {
  std::vector<Batch> result;
  while (auto batch = loader.next()) result.push_back(std::move(*batch));
  return result;
}

void expect_equal(const std::vector<Batch>& a, const std::vector<Batch>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_TRUE(torch::equal(a[i].indices, b[i].indices)) << "batch " << i;
    EXPECT_TRUE(torch::equal(a[i].inputs, b[i].inputs)) << "batch " << i;
    EXPECT_TRUE(torch::equal(a[i].targets, b[i].targets)) << "batch " << i;
  }
}

TEST(BatchLoaderTest, WorkersChangeNothing) {
  const auto dataset = std::make_shared<Noise>(23);
  BatchLoader alone(source_of(dataset, true), options_of(0));
  alone.start(0, 0, 3);
  const std::vector<Batch> expected = all(alone);
  ASSERT_EQ(expected.size(), 4U * 5U);
  EXPECT_FALSE(torch::equal(expected[0].indices, expected[5].indices)) << "epochs must differ";
  for (const int64_t workers : {1, 2, 4}) {
    BatchLoader loader(source_of(dataset, true), options_of(workers));
    loader.start(0, 0, 3);
    expect_equal(all(loader), expected);
  }
}

TEST(BatchLoaderTest, StartsAnywhereWithoutReadingWhatCameBefore) {
  const auto dataset = std::make_shared<Noise>(23);
  BatchLoader whole(source_of(dataset, true), options_of(0));
  whole.start(0, 0, 2);
  const std::vector<Batch> expected = all(whole);
  for (const int64_t workers : {0, 2}) {
    BatchLoader loader(source_of(dataset, true), options_of(workers));
    for (const int64_t position : {0, 1, 4, 5, 7, 14}) {
      dataset->reads = 0;
      loader.start(position / 5, position % 5, 2);
      expect_equal(all(loader), {expected.begin() + position, expected.end()});
      int64_t samples = 0;
      for (auto i = static_cast<size_t>(position); i < 15; ++i)
        samples += expected[i].inputs.size(0);
      EXPECT_EQ(dataset->reads, samples);
    }
  }
}

TEST(BatchLoaderTest, EpochsSeeEverySampleOnce) {
  const auto dataset = std::make_shared<Noise>(23);
  BatchLoader loader(source_of(dataset, false), options_of(2));
  loader.start(4, 0, 4);
  std::multiset<int64_t> seen;
  for (const Batch& batch : all(loader)) {
    for (int64_t i = 0; i < batch.indices.size(0); ++i)
      seen.insert(batch.indices[i].item<int64_t>());
  }
  EXPECT_EQ(seen.size(), 23U);
  EXPECT_EQ(std::set<int64_t>(seen.begin(), seen.end()).size(), 23U);
}

TEST(BatchLoaderTest, DropsTheLastBatchWhereAsked) {
  LoaderOptions options = options_of(1);
  BatchLoader kept(source_of(std::make_shared<Noise>(23), false), options);
  EXPECT_EQ(kept.batches(), 5);
  EXPECT_EQ(kept.samples(), 23);
  options.drop_last = true;
  BatchLoader dropped(source_of(std::make_shared<Noise>(23), false), options);
  EXPECT_EQ(dropped.batches(), 4);
  EXPECT_EQ(dropped.samples(), 20);
  options.batch_size = 24;
  EXPECT_THAT([&] { BatchLoader(source_of(std::make_shared<Noise>(23), false), options); },
              testing::ThrowsMessage<UsageError>(HasSubstr("23 samples, batch_size = 24")));
}

TEST(BatchLoaderTest, SubsetsKeepTheirOwnIndices) {
  const auto dataset = std::make_shared<Noise>(23);
  SampleSource source = source_of(dataset, true);
  source.samples = {20, 3, 7};
  LoaderOptions options = options_of(0);
  options.shuffle = false;
  BatchLoader loader(source, options);
  loader.start(0, 0, 0);
  const std::vector<Batch> batches = all(loader);
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_TRUE(torch::equal(batches[0].indices, torch::tensor({20, 3, 7}, torch::kInt64)));
  // A sample is augmented by its index in the split, not by its place in the subset.
  BatchLoader whole(source_of(dataset, true), options);
  whole.start(0, 4, 0);
  EXPECT_TRUE(torch::equal(whole.next()->inputs[0], batches[0].inputs[0]));
}

TEST(BatchLoaderTest, RepeatsStandInARowAndLookDifferent) {
  const auto dataset = std::make_shared<Noise>(20);
  LoaderOptions options = options_of(0);
  options.repeats = 3;
  BatchLoader loader(source_of(dataset, true), options);
  EXPECT_EQ(loader.samples(), 20) << "an epoch stays as long";
  loader.start(0, 0, 0);
  std::vector<int64_t> order;
  std::vector<torch::Tensor> looks;
  for (const Batch& batch : all(loader)) {
    for (int64_t i = 0; i < batch.indices.size(0); ++i) {
      order.push_back(batch.indices[i].item<int64_t>());
      looks.push_back(batch.inputs[i]);
    }
  }
  const std::vector<int64_t> plain = epoch_order(20, options.seed, 0);
  int differ = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    EXPECT_EQ(order[i], plain[i / 3]);
    if (i % 3 != 0) differ += torch::equal(looks[i], looks[i - 1]) ? 0 : 1;
  }
  EXPECT_GT(differ, 10) << "13 neighbours are the same sample, augmented by draws of their own";
}

/// Adds a draw of the batch's own randomness to every value.
class Shifting : public Transform {
 public:
  void apply_to_batch(Batch& batch, SampleRandom& random) const override {
    batch.inputs += random.uniform();
  }
};

TEST(BatchLoaderTest, BatchesAreAugmentedByTheirPlaceInTheTraining) {
  SampleSource source = source_of(std::make_shared<Noise>(23), true);
  BatchLoader plain(source, options_of(0));
  source.transforms.push_back(std::make_shared<Shifting>());
  plain.start(0, 0, 1);
  const std::vector<Batch> before = all(plain);
  std::set<float> shifts;
  for (const int64_t workers : {0, 2}) {
    BatchLoader loader(source, options_of(workers));
    loader.start(0, 0, 1);
    const std::vector<Batch> after = all(loader);
    ASSERT_EQ(after.size(), before.size());
    for (size_t i = 0; i < after.size(); ++i) {
      const torch::Tensor shift = after[i].inputs - before[i].inputs;
      EXPECT_LT((shift - shift.mean()).abs().max().item<double>(), 1e-6);
      shifts.insert(std::round(shift.mean().item<float>() * 1e4F));
    }
  }
  EXPECT_EQ(shifts.size(), 10U) << "one draw for each of 2 x 5 batches, whatever the workers";
}

TEST(BatchLoaderTest, ErrorsOfWorkersNameTheDataset) {
  for (const int64_t workers : {0, 2}) {
    const auto dataset = std::make_shared<Noise>(23);
    dataset->broken = 11;
    BatchLoader loader(source_of(dataset, false), options_of(workers));
    loader.start(0, 0, 0);
    EXPECT_THAT([&] { all(loader); },
                testing::ThrowsMessage<Error>("dataset \"noise\": record 11 is bad"));
  }
}

class Growing : public Transform {
 public:
  torch::Tensor apply(const torch::Tensor& sample, SampleRandom&) const override {
    return torch::cat({sample, sample});
  }
};

TEST(BatchLoaderTest, RefusesTransformsThatChangeTheSize) {
  SampleSource source = source_of(std::make_shared<Noise>(5), false);
  source.transforms = {std::make_shared<Growing>()};
  source.training = true;
  BatchLoader loader(source, options_of(1));
  loader.start(0, 0, 0);
  EXPECT_THAT([&] { loader.next(); },
              testing::ThrowsMessage<Error>(HasSubstr("gave [8, 4, 1], [4, 4, 1] expected")));
}

TEST(BatchLoaderTest, StopsWithBatchesUnread) {
  BatchLoader loader(source_of(std::make_shared<Noise>(1000), true), options_of(4));
  loader.start(0, 0, 1000000);
  EXPECT_TRUE(loader.next().has_value());
}

TEST(PermutationTest, DependsOnSeedAndEpochAlone) {
  const auto order = epoch_order(1000, 1, 0);
  EXPECT_EQ(order, epoch_order(1000, 1, 0));
  EXPECT_NE(order, epoch_order(1000, 1, 1));
  EXPECT_NE(order, epoch_order(1000, 2, 0));
  std::vector<int64_t> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  std::vector<int64_t> straight(1000);
  std::iota(straight.begin(), straight.end(), 0);
  EXPECT_EQ(sorted, straight);
}

TEST(PermutationTest, HoldsOutDisjointParts) {
  const Holdout parts = hold_out(200, 0.1, 3);
  EXPECT_EQ(parts.validation.size(), 20U);
  EXPECT_EQ(parts.train.size(), 180U);
  std::set<int64_t> together(parts.train.begin(), parts.train.end());
  together.insert(parts.validation.begin(), parts.validation.end());
  EXPECT_EQ(together.size(), 200U);
  EXPECT_TRUE(hold_out(200, 0, 3).validation.empty());
}

}  // namespace
}  // namespace mixwright::data
