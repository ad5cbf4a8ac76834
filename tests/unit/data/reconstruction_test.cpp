#include "plugins/reconstruction/reconstruction.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "framework/data/batch_loader.h"
#include "tests/support/error_text.h"

namespace mixwright {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

DatasetInfo pictures(std::vector<double> mean, std::vector<double> std) {
  DatasetInfo info;
  info.mean = std::move(mean);
  info.std = std::move(std);
  return info;
}

ReconstructionOptions damage(double noise, Hidden hide = Hidden::kNothing) {
  ReconstructionOptions options;
  options.noise = noise;
  options.hide = hide;
  return options;
}

/// As the host asks: samples 0, 1, … of that epoch.
Batch prepared(const ReconstructionOptions& options, const torch::Tensor& inputs, uint64_t epoch) {
  Batch batch;
  batch.inputs = inputs;
  batch.targets = torch::zeros({inputs.size(0)}, torch::kInt64);  // labels
  std::vector<SampleRandom> random;
  for (int64_t i = 0; i < inputs.size(0); ++i) random.emplace_back(1, epoch, i);
  Reconstruction(options).prepare(batch, DatasetInfo(), random);
  return batch;
}

/// Answers that miss by so much in every value, to samples that were damaged by so much.
Batch damaged_by(double error, int64_t samples) {
  Batch batch;
  batch.targets = torch::full({samples, 2, 2, 1}, 0.25);
  batch.inputs = batch.targets + error;
  return batch;
}

double value_of(const std::vector<Metric>& metrics, const std::string& name) {
  for (const Metric& metric : metrics) {
    if (metric.name == name) return metric.value;
  }
  ADD_FAILURE() << "no metric " << name;
  return 0;
}

// Normalised by 0.5, an error of 0.2 is one of 0.1 in pictures: 10 log10(1 / 0.01) = 20 dB; one of
// 2 is one of 1: 0 dB.
TEST(ReconstructionTest, PsnrIsInThePicturesOwnUnits) {
  const auto score = Reconstruction(damage(0.3)).score(pictures({0.5}, {0.5}));
  const Batch batch = damaged_by(2, 3);
  score->add(batch.targets + 0.2, batch);
  const std::vector<Metric> metrics = score->metrics();
  ASSERT_EQ(metrics.size(), 4U);
  EXPECT_EQ(metrics[0].name, "psnr");  // decides
  EXPECT_TRUE(metrics[0].higher_is_better);
  EXPECT_NEAR(metrics[0].value, 20, 1e-5);
  EXPECT_NEAR(value_of(metrics, "psnr_before"), 0, 1e-5);
  EXPECT_NEAR(value_of(metrics, "mse"), 0.01, 1e-8);
  EXPECT_NEAR(value_of(metrics, "loss"), 0.04, 1e-8);
}

TEST(ReconstructionTest, RangeAndChannelsOwnUnits) {
  ReconstructionOptions options = damage(0.3);
  options.range = 10;
  const auto score = Reconstruction(options).score(pictures({0, 0, 0}, {1, 2, 3}));
  Batch batch;
  batch.targets = torch::zeros({2, 2, 2, 3});
  batch.inputs = batch.targets + 1;
  // Errors of 3, 2 and 1 in units of 1, 2 and 3: (9 + 16 + 9) / 3.
  score->add(torch::tensor({3.0F, 2.0F, 1.0F}).expand({2, 2, 2, 3}), batch);
  const std::vector<Metric> metrics = score->metrics();
  EXPECT_NEAR(value_of(metrics, "mse"), 34.0 / 3, 1e-6);
  EXPECT_NEAR(value_of(metrics, "psnr"), 10 * std::log10(100 / (34.0 / 3)), 1e-6);
  EXPECT_NEAR(value_of(metrics, "psnr_before"), 10 * std::log10(100 / (14.0 / 3)), 1e-6);
  EXPECT_NEAR(value_of(metrics, "loss"), 14.0 / 3, 1e-6);
}

// The mean is over samples, not over batches or over the logarithms of each.
TEST(ReconstructionTest, ScoresSamplesOfUnequalBatches) {
  const auto score = Reconstruction(damage(0)).score(DatasetInfo());
  score->add(damaged_by(0, 1).targets + 2, damaged_by(0, 1));
  score->add(damaged_by(0, 3).targets, damaged_by(0, 3));
  const std::vector<Metric> metrics = score->metrics();
  EXPECT_NEAR(value_of(metrics, "mse"), 1, 1e-9);
  EXPECT_NEAR(value_of(metrics, "psnr"), 0, 1e-6);
  for (const Metric& metric : metrics) EXPECT_NE(metric.name, "psnr_before") << "nothing was done";
}

TEST(ReconstructionTest, AnExactAnswerHasAnEnd) {
  const auto score = Reconstruction(damage(0)).score(DatasetInfo());
  score->add(damaged_by(0, 2).targets, damaged_by(0, 2));
  EXPECT_EQ(score->metrics().front().value, 200);
  const auto broken = Reconstruction(damage(0)).score(DatasetInfo());
  broken->add(damaged_by(0, 2).targets * std::nan(""), damaged_by(0, 2));
  EXPECT_TRUE(std::isnan(broken->metrics().front().value));
}

TEST(ReconstructionTest, LossIsTheMeanSquareOfNormalisedValues) {
  const Batch batch = damaged_by(1, 2);
  torch::Tensor output = (batch.targets + 0.5).requires_grad_();
  const torch::Tensor loss = Reconstruction(damage(0.3)).loss(output, batch);
  EXPECT_NEAR(loss.item<double>(), 0.25, 1e-7);
  loss.backward();
  EXPECT_TRUE(output.grad().allclose(torch::full_like(output, 2 * 0.5 / 8)));
}

TEST(ReconstructionTest, NoiseIsTheSamplesOwn) {
  const torch::Tensor clean = torch::randn({40, 28, 28, 1});
  const Batch batch = prepared(damage(0.3), clean, 1);
  EXPECT_TRUE(batch.targets.equal(clean));
  const torch::Tensor noise = batch.inputs - clean;
  EXPECT_NEAR(noise.std().item<double>(), 0.3, 0.005);  // of 31,360 draws: 0.0012
  EXPECT_NEAR(noise.mean().item<double>(), 0, 0.01);    // 0.0017
  EXPECT_FALSE(noise[0].equal(noise[1]));
  EXPECT_TRUE(prepared(damage(0.3), clean, 1).inputs.equal(batch.inputs));
  EXPECT_TRUE(
      prepared(damage(0.3), clean.narrow(0, 0, 7), 1).inputs.equal(batch.inputs.narrow(0, 0, 7)));
  EXPECT_FALSE(prepared(damage(0.3), clean, 2).inputs.equal(batch.inputs));
}

/// Which places of a sample of ones [4, 6, 2] are 0.
torch::Tensor hidden_of(Hidden where, double share) {
  ReconstructionOptions options = damage(0, where);
  options.hide_share = share;
  const Batch batch = prepared(options, torch::ones({1, 4, 6, 2}), 1);
  EXPECT_TRUE(batch.targets.eq(1).all().item<bool>());
  return batch.inputs[0].eq(0);
}

TEST(ReconstructionTest, HidesAPartOfTheGrid) {
  const torch::Tensor places = torch::zeros({4, 6, 2}, torch::kBool);
  EXPECT_TRUE(hidden_of(Hidden::kLower, 0.5)
                  .equal(places.clone().index_put_({torch::indexing::Slice(2)}, true)));
  EXPECT_TRUE(hidden_of(Hidden::kUpper, 0.25)
                  .equal(places.clone().index_put_({torch::indexing::Slice(0, 1)}, true)));
  torch::Tensor left = places.clone();
  left.narrow(1, 0, 2).fill_(true);
  EXPECT_TRUE(hidden_of(Hidden::kLeft, 0.34).equal(left)) << "2.04 columns of 6 are 2";
  torch::Tensor right = places.clone();
  right.narrow(1, 3, 3).fill_(true);
  EXPECT_TRUE(hidden_of(Hidden::kRight, 0.5).equal(right));
  EXPECT_TRUE(hidden_of(Hidden::kLower, 0).equal(places));
  EXPECT_TRUE(hidden_of(Hidden::kRandom, 1).all().item<bool>());
}

TEST(ReconstructionTest, HidesPlacesAtRandomWithAllTheirChannels) {
  ReconstructionOptions options = damage(0, Hidden::kRandom);
  options.hide_share = 0.75;
  const Batch batch = prepared(options, torch::ones({20, 14, 14, 3}), 1);
  const torch::Tensor hidden = batch.inputs.eq(0);
  EXPECT_TRUE(hidden.all(-1).equal(hidden.any(-1)));
  EXPECT_NEAR(hidden.to(torch::kFloat64).mean().item<double>(), 0.75, 0.03);  // deviation 0.007
}

TEST(ReconstructionTest, HidesInSomeSamplesAlone) {
  ReconstructionOptions options = damage(0, Hidden::kLower);
  options.hide_chance = 0.3;
  const Batch batch = prepared(options, torch::ones({1000, 2, 2, 1}), 1);
  const torch::Tensor touched = batch.inputs.flatten(1).eq(0).any(1);
  EXPECT_NEAR(touched.to(torch::kFloat64).mean().item<double>(), 0.3, 0.06);  // deviation 0.0145
}

TEST(ReconstructionTest, WhatWasMixedInIsPartOfThePicture) {
  Batch batch;
  batch.inputs = torch::ones({2, 2, 2, 1});
  batch.mixed = Mixed{torch::zeros({2}, torch::kInt64), 0.5};
  std::vector<SampleRandom> random = {SampleRandom(1, 1, 0), SampleRandom(1, 1, 1)};
  Reconstruction(damage(0.1)).prepare(batch, DatasetInfo(), random);
  EXPECT_FALSE(batch.mixed.has_value());
  EXPECT_TRUE(batch.targets.eq(1).all().item<bool>());
}

std::vector<Sheet> sheets_of(const Score& score) {
  return dynamic_cast<const ShowsSheets&>(score).sheets();
}

TEST(ReconstructionTest, ShowsTheFirstPictures) {
  const auto score = Reconstruction(damage(0.3)).score(pictures({0.5}, {0.5}));
  for (const int64_t samples : {5, 5, 5}) {
    Batch batch = damaged_by(0.5, samples);  // 0.25 is 0.625 of a picture, 0.75 is 0.875
    score->add(batch.targets - 9, batch);
  }
  const std::vector<Sheet> sheets = sheets_of(*score);
  ASSERT_EQ(sheets.size(), 1U);
  EXPECT_EQ(sheets[0].name, "denoising");
  EXPECT_THAT(sheets[0].rows, ElementsAre("noisy", "restored", "original"));
  ASSERT_EQ(sheets[0].pictures.sizes(), torch::IntArrayRef({3, 12, 2, 2, 1}));
  const torch::Tensor expected = torch::tensor({0.875, 0.0, 0.625}, torch::kFloat64);
  EXPECT_TRUE(sheets[0].pictures.flatten(1).mean(1).allclose(expected));
  const auto hides = Reconstruction(damage(0.3, Hidden::kLower)).score(DatasetInfo());
  EXPECT_TRUE(sheets_of(*hides).empty());
  hides->add(damaged_by(1, 2).targets, damaged_by(1, 2));
  EXPECT_EQ(sheets_of(*hides).at(0).name, "completion");
  // A series is no picture.
  Batch series;
  series.inputs = series.targets = torch::zeros({2, 7, 96, 1, 1});
  const auto other = Reconstruction(damage(0)).score(DatasetInfo());
  other->add(series.targets, series);
  EXPECT_TRUE(sheets_of(*other).empty());
}

TEST(ReconstructionTest, SaysWhatItCannotDo) {
  EXPECT_THAT(test::error_text([] { prepared(damage(1), torch::zeros({2, 8}, torch::kInt64), 1); }),
              HasSubstr("samples are Long [2, 8]; values [batch, *grid, channels] expected"));
  EXPECT_THAT(
      test::error_text([] { prepared(damage(0, Hidden::kLeft), torch::zeros({2, 8, 1}), 1); }),
      HasSubstr("[8, 1] has none; say \"upper\""));
  EXPECT_THAT(test::error_text(
                  [] { Reconstruction(damage(0)).loss(torch::zeros({2, 10}), damaged_by(0, 2)); }),
              HasSubstr("output [2, 10], the samples are [2, 2, 2, 1]"));
}

/// Sample i is a picture of i.
class Numbers final : public Dataset {
 public:
  Numbers() { info_.input = Shape{{4, 4}, 1, 0, {}}; }
  const DatasetInfo& info() const override { return info_; }
  int64_t size(Split) const override { return 20; }
  Batch read(Split, std::span<const int64_t> indices) const override {
    Batch batch;
    batch.indices = torch::tensor(std::vector<int64_t>(indices.begin(), indices.end()));
    batch.inputs = batch.indices.to(torch::kFloat32).view({-1, 1, 1, 1}).expand({-1, 4, 4, 1});
    return batch;
  }

 private:
  DatasetInfo info_;
};

/// What is added to each sample of an epoch, by its index: [20, 4, 4, 1].
torch::Tensor asked(bool training, uint64_t seed, int64_t epoch, int64_t batch_size) {
  data::SampleSource source;
  source.dataset = std::make_shared<Numbers>();
  source.task = std::make_shared<Reconstruction>(damage(0.3));
  source.training = training;
  data::LoaderOptions options;
  options.batch_size = batch_size;
  options.shuffle = training;
  options.seed = seed;
  options.workers = batch_size % 3;
  data::BatchLoader loader(source, options);
  loader.start(epoch, 0, epoch);
  torch::Tensor noise = torch::zeros({20, 4, 4, 1});
  while (auto batch = loader.next()) {
    noise.index_copy_(0, batch->indices, batch->inputs - batch->targets);
  }
  return noise;
}

TEST(ReconstructionTest, EvaluationsAskTheSameAndEpochsAnew) {
  const torch::Tensor question = asked(false, 1, 0, 6);
  EXPECT_GT(question.abs().min().item<double>(), 0);
  EXPECT_TRUE(asked(false, 2, 3, 7).equal(question));
  const torch::Tensor lesson = asked(true, 1, 0, 6);
  EXPECT_TRUE(asked(true, 1, 0, 7).allclose(lesson, 0, 1e-5)) << "whatever the batches";
  EXPECT_FALSE(asked(true, 1, 1, 6).allclose(lesson, 0, 1e-2)) << "another epoch";
  EXPECT_FALSE(asked(true, 2, 0, 6).allclose(lesson, 0, 1e-2)) << "another seed";
  EXPECT_FALSE(question.allclose(lesson, 0, 1e-2));
}

}  // namespace
}  // namespace mixwright
