#include <array>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "plugins/augmentation/cutmix.h"
#include "plugins/augmentation/mixup.h"
#include "tests/support/error_text.h"
#include "tests/unit/data/augmentation_reference.h"

namespace mixwright {
namespace {

using test::reference;
using testing::HasSubstr;

Batch batch_of(const torch::Tensor& inputs) {
  Batch batch;
  batch.inputs = inputs.clone();
  batch.targets = torch::arange(inputs.size(0)) * 10;
  batch.indices = torch::arange(inputs.size(0));
  return batch;
}

TEST(MixupTest, MixesAsTimm) {
  const torch::Tensor lambdas = reference("mixup/lambda");
  const torch::Tensor outputs = reference("mixup/outputs");
  for (int64_t i = 0; i < lambdas.size(0); ++i) {
    Batch batch = batch_of(reference("mixing/inputs"));
    Mixup::mix(batch, lambdas[i].item<double>());
    EXPECT_TRUE(batch.inputs.equal(outputs[i])) << "lambda " << lambdas[i].item<double>();
    EXPECT_EQ(batch.mixed->share, 1.0 - lambdas[i].item<double>());
    EXPECT_TRUE(batch.mixed->targets.equal(batch.targets.flip({0})));
  }
}

TEST(CutmixTest, CutsAsTimm) {
  const torch::Tensor draws = reference("cutmix/draws");
  const torch::Tensor lambdas = reference("cutmix/lambda");
  const torch::Tensor outputs = reference("cutmix/outputs");
  for (int64_t i = 0; i < draws.size(0); ++i) {
    Batch batch = batch_of(reference("mixing/inputs"));
    const std::vector<Cutmix::Side> box =
        Cutmix::box({7, 8},
                    draws[i][0].item<double>(),
                    {draws[i][1].item<int64_t>(), draws[i][2].item<int64_t>()});
    Cutmix::mix(batch, box);
    EXPECT_TRUE(batch.inputs.equal(outputs[i])) << "draw " << i;
    EXPECT_DOUBLE_EQ(batch.mixed->share, 1.0 - lambdas[i].item<double>()) << "draw " << i;
    EXPECT_TRUE(batch.mixed->targets.equal(batch.targets.flip({0})));
  }
}

/// Mean and variance of the shares of many batches; the batch is small, for only draws matter.
std::array<double, 2> moments_of_share(const Transform& transform) {
  double sum = 0;
  double squares = 0;
  constexpr int kBatches = 4000;
  const torch::Tensor inputs = torch::zeros({2, 64, 64, 1});
  for (uint64_t i = 0; i < kBatches; ++i) {
    Batch batch = batch_of(inputs);
    SampleRandom random(3, 1, i);
    transform.apply_to_batch(batch, random);
    sum += batch.mixed->share;
    squares += batch.mixed->share * batch.mixed->share;
  }
  const double mean = sum / kBatches;
  return {mean, squares / kBatches - mean * mean};
}

TEST(MixupTest, DrawsItsShareFromBeta) {
  for (const double alpha : {0.2, 0.8, 3.0}) {
    const auto [mean, variance] = moments_of_share(Mixup({alpha, 1.0}));
    const double expected = 1.0 / (4.0 * (2.0 * alpha + 1.0));  // of Beta(alpha, alpha)
    // Four standard deviations of the mean of 4000 draws; the variance scatters less than a tenth.
    EXPECT_NEAR(mean, 0.5, 4.0 * std::sqrt(expected / 4000.0));
    EXPECT_NEAR(variance, expected, 0.1 * expected);
  }
}

// With a box of sides s = sqrt(u) of a unit square, u uniform and centre uniform, the side that
// remains is s - s^2 / 4 on the mean, so the area (s - s^2 / 4)^2; integrated over u: 0.5 - 0.4 / 2
// + 1 / 48 = 0.3208.
TEST(CutmixTest, SharesAreWhatIsLeftOfTheBoxes) {
  const double mean = moments_of_share(Cutmix({1.0, 1.0}))[0];
  EXPECT_NEAR(mean, 0.5 - 0.2 + 1.0 / 48.0, 0.02);
}

TEST(CutmixTest, ReplacesTheSameBoxOfOtherSamples) {
  for (uint64_t i = 0; i < 50; ++i) {
    const torch::Tensor inputs = torch::arange(4.0).view({4, 1, 1, 1}).expand({4, 10, 6, 2});
    Batch batch = batch_of(inputs);
    SampleRandom random(1, 0, i);
    Cutmix({1.0, 1.0}).apply_to_batch(batch, random);
    const torch::Tensor foreign = batch.inputs != inputs;
    EXPECT_TRUE(batch.inputs.equal(torch::where(foreign, inputs.flip({0}), inputs)));
    const double share = foreign.to(torch::kFloat64).mean().item<double>();
    EXPECT_NEAR(batch.mixed->share, share, 1e-12);
  }
}

TEST(CutmixTest, CutsGridsOfEveryRank) {
  for (const std::vector<int64_t>& size :
       {std::vector<int64_t>{3, 40, 2}, {3, 8, 9, 10, 1}, {3, 5, 5, 4}}) {
    std::vector<int64_t> ones(size.size(), 1);
    ones[0] = 3;
    Batch batch = batch_of(torch::arange(3.0).view(ones).expand(size));
    SampleRandom random(1, 0, 7);
    Cutmix({1.0, 1.0}).apply_to_batch(batch, random);
    const double share = (batch.inputs[0] != 0).to(torch::kFloat64).mean().item<double>();
    EXPECT_GT(share, 0);
    EXPECT_NEAR(batch.mixed->share, share, 1e-12);
  }
  const std::vector<Cutmix::Side> half = Cutmix::box({8, 8, 8}, 1.0 - 0.125, {4, 4, 4});
  for (const Cutmix::Side& side : half) {
    EXPECT_EQ(side.begin, 2);
    EXPECT_EQ(side.end, 6);
  }
}

TEST(MixingTest, ProbabilityIsOfBatches) {
  const Mixup mixup({1.0, 0.25});
  int mixed = 0;
  for (uint64_t i = 0; i < 2000; ++i) {
    Batch batch = batch_of(torch::zeros({2, 1, 1, 1}));
    SampleRandom random(1, 0, i);
    mixup.apply_to_batch(batch, random);
    mixed += batch.mixed ? 1 : 0;
  }
  EXPECT_NEAR(mixed, 500, 80);  // four standard deviations
}

TEST(MixingTest, AMixedBatchStaysAsItIs) {
  for (uint64_t i = 0; i < 20; ++i) {
    const torch::Tensor inputs = torch::randn({6, 4, 4, 3});
    Batch once = batch_of(inputs);
    Batch twice = batch_of(inputs);
    SampleRandom one(1, 0, i);
    SampleRandom same(1, 0, i);
    Mixup({1.0, 1.0}).apply_to_batch(once, one);
    Mixup({1.0, 1.0}).apply_to_batch(twice, same);
    Cutmix({1.0, 1.0}).apply_to_batch(twice, same);
    EXPECT_TRUE(once.inputs.equal(twice.inputs));
    EXPECT_EQ(once.mixed->share, twice.mixed->share);
  }
}

TEST(MixingTest, LeavesTheDatasetsMemoryAlone) {
  const torch::Tensor inputs = torch::randn({6, 4, 4, 3});
  const torch::Tensor kept = inputs.clone();
  Batch batch = batch_of(inputs);
  batch.inputs = inputs;
  Mixup::mix(batch, 0.3);
  batch.inputs = inputs;
  Cutmix::mix(batch, {{0, 2}, {1, 3}});
  EXPECT_TRUE(inputs.equal(kept));
}

TEST(MixingTest, RefusesWhatCannotBeMixed) {
  SampleRandom random(1, 0, 0);
  Batch tokens = batch_of(torch::zeros({4, 16}, torch::kInt64));
  EXPECT_THAT(test::error_text([&] { Mixup({1.0, 1.0}).apply_to_batch(tokens, random); }),
              HasSubstr("mixup needs floats [batch, *grid, channels], got Long of rank 2"));
  EXPECT_THAT(test::error_text([&] { Cutmix({1.0, 0.0}).apply_to_batch(tokens, random); }),
              HasSubstr("cutmix needs floats"));
  Batch unlabelled = batch_of(torch::zeros({4, 2, 2, 1}));
  unlabelled.targets = torch::Tensor();
  EXPECT_THAT(test::error_text([&] { Mixup({1.0, 1.0}).apply_to_batch(unlabelled, random); }),
              HasSubstr("one target for each of the 4 samples"));
}

}  // namespace
}  // namespace mixwright
