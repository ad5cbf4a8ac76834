#include "framework/data/normalization.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

namespace mixwright::data {
namespace {

DatasetInfo info_of(std::vector<double> mean, std::vector<double> std) {
  DatasetInfo info;
  info.mean = std::move(mean);
  info.std = std::move(std);
  return info;
}

TEST(NormalizationTest, BytesBecomeFloatsByTheConstantsOfTheirChannel) {
  const torch::Tensor bytes = torch::arange(2 * 3 * 2).mul(20).to(torch::kUInt8).view({1, 2, 3, 2});
  const torch::Tensor values = normalised(bytes, info_of({0.5, 0.25}, {0.5, 2.0}));
  EXPECT_EQ(values.scalar_type(), torch::kFloat32);
  const torch::Tensor expected =
      (bytes.to(torch::kFloat64) / 255.0 - torch::tensor({0.5, 0.25}, torch::kFloat64)) /
      torch::tensor({0.5, 2.0}, torch::kFloat64);
  EXPECT_TRUE(torch::equal(values, expected.to(torch::kFloat32)));
  EXPECT_TRUE(
      torch::equal(normalised(bytes, {}), (bytes.to(torch::kFloat64) / 255.0).to(torch::kFloat32)));
  // Memory order of its own: a sample that a transform turned.
  const torch::Tensor turned = bytes.transpose(1, 2);
  EXPECT_TRUE(torch::equal(normalised(turned, {}), normalised(bytes, {}).transpose(1, 2)));
}

TEST(NormalizationTest, RenormalisedIsWhatTheOtherConstantsWouldHaveGiven) {
  const DatasetInfo from = info_of({0.5, 0.25}, {0.5, 2.0});
  const DatasetInfo to = info_of({0.4}, {0.2});
  const torch::Tensor values = torch::rand({2, 3, 3, 2});
  EXPECT_TRUE(torch::allclose(
      renormalised(normalised(values, from), from, to), normalised(values, to), 1e-5, 1e-6));
  EXPECT_TRUE(torch::allclose(renormalised(values, {}, to), normalised(values, to), 1e-5, 1e-6));
  EXPECT_TRUE(renormalised(values, from, from).is_same(values));
  const torch::Tensor ids = torch::arange(6).view({2, 3});
  EXPECT_TRUE(renormalised(ids, from, to).is_same(ids));
}

TEST(NormalizationTest, FloatsAndIdsPassWhereNothingIsToBeDone) {
  const torch::Tensor floats = torch::randn({2, 4, 3});
  EXPECT_TRUE(normalised(floats, {}).is_same(floats));
  const torch::Tensor ids = torch::arange(6).view({2, 3});
  EXPECT_TRUE(normalised(ids, info_of({0.5}, {0.5})).is_same(ids));
  EXPECT_TRUE(torch::allclose(normalised(floats, info_of({0.5}, {0.25})), (floats - 0.5) / 0.25));
}

TEST(NormalizationTest, RefusesConstantsThatDoNotFit) {
  const torch::Tensor bytes = torch::zeros({1, 2, 2, 3}, torch::kUInt8);
  EXPECT_THAT([&] { normalised(bytes, info_of({0.1, 0.2}, {})); },
              testing::ThrowsMessage<Error>("mean has 2 values for samples of 3 channels; give one "
                                            "for each or one for all"));
  EXPECT_THAT([&] { normalised(bytes, info_of({}, {0.0})); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("above 0 expected")));
}

}  // namespace
}  // namespace mixwright::data
