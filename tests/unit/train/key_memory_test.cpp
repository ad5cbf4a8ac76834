// A network made by hand whose keys are known: what triggers them is found, and what their values
// add to the scores is what paper and pencil say.

#include "framework/train/key_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "framework/train/key_sheet.h"
#include "tests/unit/train/test_network.h"

namespace mixwright::train {
namespace {

using testing::HasSubstr;

constexpr int64_t kGrid = 4;
constexpr int64_t kClasses = 3;

/// Patches of 2 x 2 pixels: [B, 8, 8, 1] -> [B, 4, 4, 4].
class Patches : public Embedding {
 public:
  Patches() {
    Shape shape;
    shape.grid = {kGrid, kGrid};
    shape.channels = 4;
    set_out_shape(shape);
  }
  torch::Tensor forward(const torch::Tensor& x) override {
    return x.view({-1, kGrid, 2, kGrid, 2}).permute({0, 1, 3, 2, 4}).reshape({-1, 4, 4, 4});
  }
};

/// Key 0 looks for a bright diagonal, key 1 for a bright row, key 2 for anything bright.
class ThreeKeys : public ChannelMixer, public KeyValueMemory {
 public:
  explicit ThreeKeys(int64_t channels = 4) : channels_(channels) {
    Shape shape;
    shape.grid = {kGrid, kGrid};
    shape.channels = 4;
    set_out_shape(shape);
    set_identity("stage[0].block[0].channel_mixer", "three_keys, test");
    keys = register_parameter(
        "keys",
        torch::tensor({{1.F, -1.F, -1.F, 1.F}, {1.F, 1.F, -1.F, -1.F}, {1.F, 1.F, 1.F, 1.F}}));
    stored = register_parameter(
        "stored",
        torch::tensor({{2.F, 0.F, 0.F, 0.F}, {0.F, 3.F, 0.F, 0.F}, {0.F, 0.F, .1F, .1F}}));
  }
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override {
    return torch::matmul(coefficients(x, context), stored);
  }
  torch::Tensor coefficients(const torch::Tensor& x, const Context&) override {
    return torch::matmul(x, keys.t()).relu();
  }
  torch::Tensor values() const override { return stored.detach().narrow(1, 0, channels_); }

  torch::Tensor keys;
  torch::Tensor stored;

 private:
  int64_t channels_;
};

/// x + mixer(x).
class OneMixer : public Block {
 public:
  explicit OneMixer(const std::shared_ptr<Layer>& mixer)
      : mixer_(register_module("channel_mixer", mixer)) {
    set_out_shape(mixer->out_shape());
  }
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override {
    return x + run(mixer_, x, context);
  }

 private:
  LayerPtr mixer_;
};

/// Dim pictures, in four of which something is planted.
class PlantedPictures : public Dataset {
 public:
  PlantedPictures() : pictures_(torch::full({10, 8, 8, 1}, 0.125)) {
    info_.input.grid = {8, 8};
    info_.input.channels = 1;
    info_.classes = kClasses;
    info_.class_names = {"ant", "bee", "cat"};
    plant(7, 2, 1, {1, 0, 0, 1});  // a diagonal
    plant(3, 0, 3, {.5, 0, 0, .5});
    plant(5, 3, 0, {1, 1, 0, 0});  // a row
    plant(2, 1, 2, {1, 1, 1, 1});  // all
  }
  const DatasetInfo& info() const override { return info_; }
  int64_t size(Split) const override { return pictures_.size(0); }
  Batch read(Split, std::span<const int64_t> indices) const override {
    Batch batch;
    batch.indices = torch::tensor(std::vector<int64_t>(indices.begin(), indices.end()));
    batch.inputs = pictures_.index_select(0, batch.indices);
    batch.targets = batch.indices.remainder(kClasses);
    return batch;
  }

 private:
  void plant(int64_t sample, int64_t row, int64_t column, const std::vector<float>& patch) {
    pictures_[sample]
        .narrow(0, 2 * row, 2)
        .narrow(1, 2 * column, 2)
        .copy_(torch::tensor(patch).view({2, 2, 1}));
  }
  torch::Tensor pictures_;
  DatasetInfo info_;
};

class KeyMemory : public testing::Test {
 protected:
  void SetUp() override {
    torch::manual_seed(2);
    build(std::make_shared<ThreeKeys>());
    source_.dataset = std::make_shared<PlantedPictures>();
    source_.name = "planted";
    source_.split = Split::kTest;
    for (int64_t i = 0; i < 10; ++i) source_.samples.push_back(i);
  }
  void build(const std::shared_ptr<ThreeKeys>& keys) {
    keys_ = keys;
    head_ = std::make_shared<test::MeanHead>(4, kClasses);
    const model::Stage stage(
        std::make_shared<Patches>(), std::vector<LayerPtr>{std::make_shared<OneMixer>(keys)}, 1);
    Shape input;
    input.grid = {8, 8};
    input.channels = 1;
    network_ = std::make_shared<model::Network>(input, std::vector<model::Stage>{stage}, head_);
  }
  MemorySurvey survey(int64_t top, int64_t batch_size = 4) {
    SurveyOptions options;
    options.top = top;
    options.batch_size = batch_size;
    return survey_memory(*network_, memories_of(*network_).front(), source_, options);
  }

  std::shared_ptr<ThreeKeys> keys_;
  std::shared_ptr<test::MeanHead> head_;
  std::shared_ptr<model::Network> network_;
  data::SampleSource source_;
};

TEST_F(KeyMemory, IsFoundByItsPath) {
  const auto found = memories_of(*network_);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].path, "stage[0].block[0].channel_mixer");
  EXPECT_EQ(found[0].module, "stages.0.blocks.0.channel_mixer");
}

TEST_F(KeyMemory, FindsWhatTriggersAKey) {
  for (const int64_t batch_size : {1, 4, 64}) {
    const MemorySurvey found = survey(2, batch_size);
    ASSERT_EQ(found.keys.size(), 3U);
    EXPECT_EQ(found.samples, 10);
    const auto& diagonal = found.keys[0].triggers;
    ASSERT_EQ(diagonal.size(), 2U);
    EXPECT_EQ(diagonal[0].sample, 7);
    EXPECT_EQ(diagonal[0].place, 2 * kGrid + 1);
    EXPECT_DOUBLE_EQ(diagonal[0].coefficient, 2.0);
    EXPECT_EQ(diagonal[1].sample, 3);
    EXPECT_EQ(diagonal[1].place, 3);
    EXPECT_DOUBLE_EQ(diagonal[1].coefficient, 1.0);
    EXPECT_EQ(found.keys[1].triggers[0].sample, 5);
    EXPECT_EQ(found.keys[2].triggers[0].sample, 2);
    // Of 160 places the diagonal is seen in two: 2 and 1 together.
    EXPECT_DOUBLE_EQ(found.keys[0].active_share, 2.0 / 160);
    EXPECT_DOUBLE_EQ(found.keys[0].mean, 3.0 / 160);
    EXPECT_DOUBLE_EQ(found.keys[1].value_norm, 3.0);
  }
}

TEST_F(KeyMemory, TheStrongestKeysAddMost) {
  // Strongest coefficient times length of the value: 2 x 2, 2 x 3, 4 x 0.14.
  EXPECT_THAT(strongest_keys(survey(1), 2), testing::ElementsAre(1, 0));
  EXPECT_THAT(strongest_keys(survey(1), 0), testing::ElementsAre(1, 0, 2));
}

TEST_F(KeyMemory, WhatAValueAddsIsWhatItAddsToTheScores) {
  const MemorySurvey found = survey(2);
  const torch::Tensor effects =
      key_effects(*network_, memories_of(*network_).front(), source_, found.keys, torch::kCPU);
  ASSERT_EQ(effects.sizes().vec(), (std::vector<int64_t>{3, kClasses}));
  const torch::Tensor weight = head_->linear->weight.detach();
  // Means over 16 places and over the two samples: (2 + 1) / 2 / 16 of value 0.
  const torch::Tensor expected =
      torch::matmul(weight, torch::tensor({2.F, 0.F, 0.F, 0.F})) * (1.5 / 16);
  EXPECT_LT((effects[0] - expected).abs().max().item<double>(), 1e-6);
  EXPECT_GT(expected.abs().max().item<double>(), 0.01);
}

TEST_F(KeyMemory, AProjectedValueGoesThroughTheHeadAlone) {
  const MemorySurvey found = survey(1);
  const torch::Tensor projected =
      projected_values(*network_, memories_of(*network_).front(), found.keys);
  const torch::Tensor expected =
      torch::matmul(keys_->stored.detach(), head_->linear->weight.detach().t());
  EXPECT_LT((projected - expected).abs().max().item<double>(), 1e-6);
}

TEST_F(KeyMemory, ValuesOfAnotherWidthAreRefused) {
  build(std::make_shared<ThreeKeys>(/*channels=*/3));
  EXPECT_THAT([&] { survey(1); },
              testing::ThrowsMessage<Error>(HasSubstr(
                  "stage[0].block[0].channel_mixer (three_keys, test): its values are [3, 3]")));
}

TEST_F(KeyMemory, PicturesOfTriggersHaveTheirPatchesAndClasses) {
  const MemorySurvey found = survey(2);
  const auto pictures = pictures_of(found.keys[0], found.grid, *source_.dataset, Split::kTest);
  ASSERT_EQ(pictures.size(), 2U);
  EXPECT_EQ(pictures[0].label, "bee");  // 7 of 3 classes
  EXPECT_EQ(pictures[0].picture.sizes().vec(), (std::vector<int64_t>{8, 8, 3}));
  const Box& patch = pictures[0].patch;
  EXPECT_EQ((std::vector<int64_t>{patch.top, patch.left, patch.height, patch.width}),
            (std::vector<int64_t>{4, 2, 2, 2}));
  EXPECT_EQ(pictures[0].picture[4][2][0].item<int>(), 255);
  EXPECT_EQ(pictures[0].picture[0][0][0].item<int>(), 32);  // 0.125
}

TEST(KeySheetTest, PatchesCoverAPictureThatTheGridDoesNotDivide) {
  const std::vector<int64_t> grid = {3, 2};
  int64_t pixels = 0;
  for (int64_t place = 0; place < 6; ++place) {
    const Box box = patch_of(place, grid, 10, 7);
    pixels += box.height * box.width;
  }
  EXPECT_EQ(pixels, 70);
  const Box fine = patch_of(19, {4, 5}, 2, 2);  // finer than the pixels
  EXPECT_EQ(fine.height, 1);
  EXPECT_EQ(fine.width, 1);
}

TEST(KeySheetTest, ShiftsAreSortedAndNamed) {
  DatasetInfo info;
  info.class_names = {"a", "b"};
  const auto shifts = sorted_shifts(torch::tensor({-1.F, 2.F, 0.5F}), info);
  ASSERT_EQ(shifts.size(), 3U);
  EXPECT_EQ(shifts[0].name, "b");
  EXPECT_EQ(shifts[1].name, "class 2");
  EXPECT_EQ(shifts[2].score, -1);
}

}  // namespace
}  // namespace mixwright::train
