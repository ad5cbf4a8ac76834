#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "plugins/augmentation/random_crop.h"
#include "plugins/augmentation/random_flip.h"

namespace mixwright {
namespace {

torch::Tensor picture() {
  return torch::arange(1.0, 31.0).view({5, 6, 1});
}

TEST(RandomFlipTest, MirrorsColumnsWithItsProbability) {
  const RandomFlip always({1.0});
  const RandomFlip never({0.0});
  SampleRandom random(1, 2, 3);
  EXPECT_TRUE(torch::equal(always.apply(picture(), random), picture().flip({1})));
  EXPECT_TRUE(torch::equal(never.apply(picture(), random), picture()));
  const RandomFlip sometimes({0.25});
  int flipped = 0;
  for (uint64_t i = 0; i < 2000; ++i) {
    SampleRandom own(1, 2, i);
    flipped += torch::equal(sometimes.apply(picture(), own), picture()) ? 0 : 1;
  }
  EXPECT_NEAR(flipped, 500, 80);  // four standard deviations
}

/// Where the crop took its middle from: the value there says the place.
TEST(RandomCropTest, MovesByUpToThePaddingAndFillsWithZeros) {
  const RandomCrop crop({2, CropBorder::kZero});
  std::set<int64_t> centres;
  for (uint64_t i = 0; i < 400; ++i) {
    SampleRandom random(5, 0, i);
    const torch::Tensor moved = crop.apply(picture(), random);
    ASSERT_EQ(moved.sizes(), picture().sizes());
    const auto centre = moved[2][2][0].item<int64_t>();
    ASSERT_GT(centre, 0);
    centres.insert(centre);
    const int64_t down = (centre - 1) / 6 - 2;
    const int64_t right = (centre - 1) % 6 - 2;
    const torch::Tensor padded =
        torch::constant_pad_nd(picture(), {0, 0, 2, 2, 2, 2}).narrow(0, 2 + down, 5);
    EXPECT_TRUE(torch::equal(moved, padded.narrow(1, 2 + right, 6)));
  }
  EXPECT_EQ(centres.size(), 25U) << "every offset of -2 to 2 in both directions";
}

TEST(RandomCropTest, ReflectsAtTheEdge) {
  const RandomCrop crop({2, CropBorder::kReflect});
  const torch::Tensor padded =
      torch::nn::functional::pad(
          picture().permute({2, 0, 1}).unsqueeze(0),
          torch::nn::functional::PadFuncOptions({2, 2, 2, 2}).mode(torch::kReflect))
          .squeeze(0)
          .permute({1, 2, 0});
  for (uint64_t i = 0; i < 100; ++i) {
    SampleRandom random(5, 0, i);
    const torch::Tensor moved = crop.apply(picture(), random);
    const auto centre = moved[2][2][0].item<int64_t>();
    const int64_t down = (centre - 1) / 6;
    const int64_t right = (centre - 1) % 6;
    EXPECT_TRUE(torch::equal(moved, padded.narrow(0, down, 5).narrow(1, right, 6)));
  }
  SampleRandom random(1, 1, 1);
  EXPECT_THROW(RandomCrop({5, CropBorder::kReflect}).apply(picture(), random), Error);
}

}  // namespace
}  // namespace mixwright
