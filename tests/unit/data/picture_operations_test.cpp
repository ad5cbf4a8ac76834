#include "plugins/augmentation/picture_operations.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugins/augmentation/picture_color.h"
#include "plugins/augmentation/picture_tone.h"
#include "tests/unit/data/augmentation_reference.h"

namespace mixwright {
namespace {

using picture::Interpolation;
using picture::Operation;
using picture::Sampling;
using test::augmentation_reference;
using test::reference;

constexpr int64_t kBins = 31;

/// The greatest difference from what torchvision made, in levels; -1 where there is nothing.
int64_t difference(const Operation& operation,
                   const std::string& what,
                   const std::string& picture_name,
                   const Sampling& sampling) {
  const std::string key = std::string(operation.name) + "/" + picture_name;
  if (!augmentation_reference().contains(what + "/" + key)) return -1;
  const torch::Tensor input = reference("picture/" + picture_name);
  const torch::Tensor magnitudes = reference("magnitudes/" + key);
  const torch::Tensor outputs = reference(what + "/" + key);
  int64_t greatest = 0;
  for (int64_t i = 0; i < magnitudes.size(0); ++i) {
    const torch::Tensor own = operation.apply(input, magnitudes[i].item<double>(), sampling);
    EXPECT_EQ(own.sizes(), input.sizes());
    const auto distance = (own.to(torch::kInt64) - outputs[i].to(torch::kInt64)).abs();
    greatest = std::max(greatest, distance.max().item<int64_t>());
  }
  return greatest;
}

class PictureOperationTest : public testing::TestWithParam<size_t> {
 protected:
  const Operation& operation() const { return picture::operations()[GetParam()]; }
};

// Bit for bit, on colour and grey pictures, few levels, one level, and a size below 3 x 3.
TEST_P(PictureOperationTest, IsTorchvisions) {
  for (const char* name : {"color", "grey", "dull", "flat", "tiny"}) {
    EXPECT_EQ(difference(operation(), "outputs", name, {}), 0) << name;
  }
}

TEST_P(PictureOperationTest, FillsAndInterpolatesAsTorchvision) {
  const int64_t filled = difference(operation(), "filled", "color", {Interpolation::kNearest, 99});
  const int64_t between =
      difference(operation(), "bilinear", "color", {Interpolation::kBilinear, 0});
  const bool moves = std::string(operation().name).find_first_of('_') != std::string::npos ||
                     std::string(operation().name) == "rotate";
  EXPECT_EQ(filled, moves ? 0 : -1);
  // Equal here too; but where four levels blend to a half, the last bit of the weights rounds it,
  // and that may be another processor's.
  EXPECT_LE(between, moves ? 1 : -1);
}

TEST_P(PictureOperationTest, MagnitudesAreTorchvisions) {
  const torch::Tensor size = reference("table/size");
  const auto compare = [&](const std::string& space, const picture::Magnitudes& magnitudes) {
    const std::string key = "table/" + space + "/" + operation().name;
    for (int64_t level = 0; level < kBins; ++level) {
      const double own =
          magnitudes.at(level, kBins, size[0].item<int64_t>(), size[1].item<int64_t>());
      const double expected =
          augmentation_reference().contains(key) ? reference(key)[level].item<double>() : 0.0;
      EXPECT_EQ(own, expected) << key << " level " << level;
    }
  };
  compare("rand_augment", operation().rand_augment);
  compare("trivial_augment", operation().trivial_augment);
}

TEST_P(PictureOperationTest, LeavesItsInputAlone) {
  const torch::Tensor input = reference("picture/color");
  const torch::Tensor kept = input.clone();
  operation().apply(input, operation().rand_augment.at(20, kBins, 14, 17), {});
  EXPECT_TRUE(input.equal(kept));
}

INSTANTIATE_TEST_SUITE_P(All,
                         PictureOperationTest,
                         testing::Range<size_t>(0, picture::operations().size()),
                         [](const auto& info) {
                           return std::string(picture::operations()[info.param].name);
                         });

TEST(PictureOperationsTest, RoundsPlacesHalfwayAsTorchvision) {
  const torch::Tensor input = reference("picture/color");
  for (const char* name : {"shear_x", "shear_y"}) {
    const torch::Tensor magnitudes = reference(std::string("halfway/") + name + "/magnitudes");
    const torch::Tensor outputs = reference(std::string("halfway/") + name + "/outputs");
    const auto apply = name == std::string("shear_x") ? picture::shear_x : picture::shear_y;
    for (int64_t i = 0; i < magnitudes.size(0); ++i) {
      const double magnitude = magnitudes[i].item<double>();
      EXPECT_TRUE(apply(input, magnitude, {}).equal(outputs[i])) << name << " by " << magnitude;
    }
  }
}

// Directions, by eye rather than by reference: a dot right of and below the middle.
TEST(PictureOperationsTest, MovesTheWayItSays) {
  torch::Tensor dot = torch::zeros({9, 9, 1}, torch::kUInt8);
  dot[4][6] = 200;
  const auto place = [](const torch::Tensor& picture) {
    const torch::Tensor found = picture.nonzero();
    return std::pair{found[0][0].item<int64_t>(), found[0][1].item<int64_t>()};
  };
  EXPECT_EQ(place(picture::translate_x(dot, 2.9, {})), (std::pair<int64_t, int64_t>{4, 8}));
  EXPECT_EQ(place(picture::translate_y(dot, -3, {})), (std::pair<int64_t, int64_t>{1, 6}));
  EXPECT_EQ(place(picture::rotate(dot, 90, {})), (std::pair<int64_t, int64_t>{2, 4}));
  EXPECT_EQ(place(picture::shear_x(dot, 0.5, {})).second, 4);
  EXPECT_EQ(place(picture::shear_y(dot, 0.5, {})).first, 1);
}

TEST(PictureOperationsTest, TonesByHand) {
  const torch::Tensor levels = torch::tensor({{0, 63, 128, 255}}, torch::kUInt8).view({1, 4, 1});
  const auto row = [](const torch::Tensor& picture) {
    const torch::Tensor wide = picture.flatten().to(torch::kInt64);
    return std::vector<int64_t>(wide.data_ptr<int64_t>(), wide.data_ptr<int64_t>() + wide.numel());
  };
  EXPECT_EQ(row(picture::posterize(levels, 2)), (std::vector<int64_t>{0, 0, 128, 192}));
  EXPECT_EQ(row(picture::solarize(levels, 0.5)), (std::vector<int64_t>{0, 63, 127, 0}));
  EXPECT_EQ(row(picture::brightness(levels, -0.5)), (std::vector<int64_t>{0, 31, 64, 127}));
  // 50.99997 and 254.99998 in floats of 32 bits, which torchvision cuts as well.
  const torch::Tensor narrow = torch::tensor({100, 110, 150}, torch::kUInt8).view({1, 3, 1});
  EXPECT_EQ(row(picture::autocontrast(narrow)), (std::vector<int64_t>{0, 50, 254}));
}

}  // namespace
}  // namespace mixwright
