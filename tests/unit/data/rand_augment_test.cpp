#include "plugins/augmentation/rand_augment.h"

#include <cmath>
#include <limits>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "plugins/augmentation/trivial_augment.h"
#include "tests/support/error_text.h"
#include "tests/unit/data/augmentation_reference.h"

namespace mixwright {
namespace {

using test::error_text;
using test::reference;
using testing::HasSubstr;

/// How often each operation came, and how often with a magnitude below zero.
struct Counts {
  std::map<std::string, int> all;
  std::map<std::string, int> negative;
  std::map<std::string, std::set<double>> magnitudes;
};

template <class Augment>
Counts counted(const Augment& augment, int draws) {
  Counts counts;
  SampleRandom random(1, 2, 3);
  for (int i = 0; i < draws; ++i) {
    const picture::Drawn drawn = augment.draw(32, 32, random);
    ++counts.all[drawn.operation->name];
    counts.negative[drawn.operation->name] += drawn.magnitude < 0 ? 1 : 0;
    counts.magnitudes[drawn.operation->name].insert(std::abs(drawn.magnitude));
  }
  return counts;
}

TEST(RandAugmentTest, DrawsOperationsAndSignsEvenly) {
  Counts counts = counted(RandAugment({}), 14000);
  for (const picture::Operation& operation : picture::operations()) {
    EXPECT_NEAR(counts.all[operation.name], 1000, 125) << operation.name;  // four deviations
    EXPECT_NEAR(counts.negative[operation.name], operation.is_signed ? 500 : 0, 100)
        << operation.name;
    EXPECT_EQ(counts.magnitudes[operation.name].size(), 1U) << operation.name;
  }
  EXPECT_EQ(counts.negative["equalize"], 0);
  EXPECT_FLOAT_EQ(static_cast<float>(*counts.magnitudes["rotate"].begin()), 9.0F);  // 9 / 30 of 30
}

TEST(RandAugmentTest, MagnitudesVaryAboutTheirMean) {
  RandAugmentOptions options;
  options.magnitude = 27;
  options.magnitude_std = 1.5;
  const RandAugment augment(options);
  SampleRandom random(4, 5, 6);
  double sum = 0;
  double squares = 0;
  int count = 0;
  for (int i = 0; i < 40000; ++i) {
    const picture::Drawn drawn = augment.draw(32, 32, random);
    if (std::string(drawn.operation->name) != "rotate") continue;
    const double magnitude = std::abs(drawn.magnitude);  // of 30 degrees at 30
    EXPECT_LE(magnitude, 30.0);
    sum += magnitude;
    squares += magnitude * magnitude;
    ++count;
  }
  const double mean = sum / count;
  EXPECT_NEAR(mean, 27.0, 0.15);  // the end at 30 takes 0.01 away
  // Rounding adds a variance of 1 / 12.
  EXPECT_NEAR(std::sqrt(squares / count - mean * mean), std::sqrt(1.5 * 1.5 + 1.0 / 12), 0.12);
}

TEST(RandAugmentTest, LeavesAShareOfTheOperationsOut) {
  const torch::Tensor sample = reference("picture/color");
  RandAugmentOptions options;
  options.operations = 1;
  const auto changed = [&](double probability) {
    options.probability = probability;
    const RandAugment augment(options);
    int count = 0;
    for (uint64_t i = 0; i < 1000; ++i) {
      SampleRandom random(1, 0, i);
      count += augment.apply(sample, random).equal(sample) ? 0 : 1;
    }
    return count;
  };
  int changing = 0;  // identity leaves the picture as it is, and some operations this picture
  const picture::Sampling sampling{options.interpolation, static_cast<double>(options.fill)};
  for (const picture::Operation& operation : picture::operations()) {
    const double magnitude =
        operation.rand_augment.at(options.magnitude, options.bins, sample.size(0), sample.size(1));
    changing += operation.apply(sample, magnitude, sampling).equal(sample) ? 0 : 1;
  }
  const double share = changing / static_cast<double>(picture::operations().size());
  EXPECT_GT(share, 0.5);
  EXPECT_NEAR(changed(1.0), 1000 * share, 64);  // four deviations
  EXPECT_NEAR(changed(0.5), 500 * share, 64);
  EXPECT_EQ(changed(0.0), 0);
}

TEST(TrivialAugmentTest, DrawsEveryMagnitude) {
  Counts counts = counted(TrivialAugment({}), 28000);
  for (const picture::Operation& operation : picture::operations()) {
    EXPECT_NEAR(counts.all[operation.name], 2000, 175) << operation.name;
  }
  EXPECT_EQ(counts.magnitudes["rotate"].size(), 31U);
  EXPECT_EQ(counts.magnitudes["posterize"].size(), 7U);  // 2 to 8 bits
  EXPECT_EQ(*counts.magnitudes["rotate"].rbegin(), 135.0);
}

TEST(RandAugmentTest, AppliesWhatItDraws) {
  const torch::Tensor sample = reference("picture/color");
  RandAugmentOptions options;
  options.operations = 3;
  options.fill = 50;
  const RandAugment augment(options);
  int changed = 0;
  for (uint64_t i = 0; i < 60; ++i) {
    SampleRandom random(1, 0, i);
    SampleRandom same(1, 0, i);
    torch::Tensor expected = sample;
    for (int j = 0; j < 3; ++j) {
      const picture::Drawn drawn = augment.draw(14, 17, same);
      expected =
          drawn.operation->apply(expected, drawn.magnitude, {picture::Interpolation::kNearest, 50});
    }
    const torch::Tensor augmented = augment.apply(sample, random);
    EXPECT_TRUE(augmented.equal(expected)) << "sample " << i;
    changed += augmented.equal(sample) ? 0 : 1;
  }
  EXPECT_GT(changed, 50);
}

// Floats that are bytes / 255 become what the bytes become.
TEST(RandAugmentTest, FloatsGoThroughBytes) {
  for (const char* name : {"color", "grey"}) {
    const torch::Tensor bytes = reference(std::string("picture/") + name);
    for (uint64_t i = 0; i < 40; ++i) {
      SampleRandom one(1, 0, i);
      SampleRandom other(1, 0, i);
      const torch::Tensor of_bytes = RandAugment({}).apply(bytes, one);
      const torch::Tensor of_floats =
          RandAugment({}).apply(bytes.to(torch::kFloat32).div(255.0), other);
      EXPECT_TRUE(of_floats.equal(of_bytes.to(torch::kFloat32).div(255.0)));
    }
  }
  SampleRandom random(1, 0, 0);
  const torch::Tensor doubles = torch::rand({6, 5, 1}, torch::kFloat64);
  EXPECT_EQ(TrivialAugment({}).apply(doubles, random).scalar_type(), torch::kFloat64);
}

TEST(RandAugmentTest, RefusesWhatIsNoPicture) {
  SampleRandom random(1, 0, 0);
  const auto refusal = [&](const torch::Tensor& sample) {
    return error_text([&] { RandAugment({}).apply(sample, random); });
  };
  const torch::Tensor normalised = torch::rand({8, 8, 3}) * 4 - 2;
  EXPECT_THAT(refusal(normalised), HasSubstr("needs bytes or floats in 0 to 1, got values from -"));
  EXPECT_THAT(refusal(torch::full({8, 8, 1}, std::numeric_limits<float>::quiet_NaN())),
              HasSubstr("nan; let the dataset"));
  EXPECT_THAT(refusal(torch::zeros({8, 8, 2}, torch::kUInt8)),
              HasSubstr("rand_augment needs pictures [height, width, 1 or 3] of bytes or floats, "
                        "got Byte [8, 8, 2]"));
  EXPECT_THAT(refusal(torch::zeros({8, 3}, torch::kUInt8)), HasSubstr("got Byte [8, 3]"));
  EXPECT_THAT(refusal(torch::zeros({8, 8, 3}, torch::kInt64)), HasSubstr("got Long [8, 8, 3]"));
  EXPECT_THAT(error_text([&] { TrivialAugment({}).apply(torch::zeros({4, 4}), random); }),
              HasSubstr("trivial_augment needs pictures"));
}

TEST(RandAugmentTest, RefusesAMagnitudeBeyondTheBins) {
  RandAugmentOptions options;
  options.magnitude = 31;
  EXPECT_THAT(error_text([&] { RandAugment{options}; }),
              HasSubstr("magnitude = 31: 0 to 30 expected"));
}

}  // namespace
}  // namespace mixwright
