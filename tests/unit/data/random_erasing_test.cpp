#include "plugins/augmentation/random_erasing.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "tests/support/error_text.h"
#include "tests/unit/data/augmentation_reference.h"

namespace mixwright {
namespace {

using test::reference;
using testing::HasSubstr;

RandomErasingOptions always() {
  RandomErasingOptions options;
  options.probability = 1.0;
  return options;
}

torch::Tensor erased(const RandomErasingOptions& options,
                     const torch::Tensor& inputs,
                     uint64_t number = 0) {
  Batch batch;
  batch.inputs = inputs;
  SampleRandom random(4, 0, number);
  RandomErasing(options).apply_to_batch(batch, random);
  return batch.inputs;
}

TEST(RandomErasingTest, RectanglesAreTimms) {
  const torch::Tensor picture = reference("erasing/picture");
  const torch::Tensor draws = reference("erasing/draws");
  const torch::Tensor expected = reference("erasing/rectangles");
  int left_out = 0;
  for (int64_t i = 0; i < draws.size(0); ++i) {
    const auto size =
        RandomErasing::rectangle({picture[0].item<int64_t>(), picture[1].item<int64_t>()},
                                 draws[i][0].item<double>(),
                                 draws[i][1].item<double>());
    left_out += size ? 0 : 1;
    EXPECT_EQ(size ? size->height : 0, expected[i][0].item<int64_t>()) << "draw " << i;
    EXPECT_EQ(size ? size->width : 0, expected[i][1].item<int64_t>()) << "draw " << i;
  }
  EXPECT_GT(left_out, 0);
  EXPECT_LT(left_out, draws.size(0) / 2);
}

// What is erased is one rectangle within the ranges, at all places in the long run.
TEST(RandomErasingTest, ErasesRectanglesWithinTheRanges) {
  const torch::Tensor pictures = torch::ones({400, 40, 32, 3});
  const torch::Tensor gone = erased(always(), pictures) == 0;
  const torch::Tensor any = gone.any(-1);
  EXPECT_TRUE(any.equal(gone.all(-1))) << "all channels or none";
  double areas = 0;
  for (int64_t i = 0; i < pictures.size(0); ++i) {
    const auto height = any[i].any(1).sum().item<double>();
    const auto width = any[i].any(0).sum().item<double>();
    const auto area = any[i].sum().item<double>();
    ASSERT_EQ(area, height * width) << "sample " << i;
    // Sides are rounded to whole places.
    EXPECT_GE((height + 0.5) * (width + 0.5), 0.02 * 40 * 32);
    EXPECT_LE((height - 0.5) * (width - 0.5), 40 * 32 / 3.0);
    EXPECT_GE((height + 0.5) / (width - 0.5), 0.3);
    EXPECT_LE((height - 0.5) / (width + 0.5), 1 / 0.3);
    areas += area / (40 * 32);
  }
  // Uniform in 0.02 to 1/3, less what did not fit: tall and large ones.
  EXPECT_NEAR(areas / 400, 0.17, 0.02);
  EXPECT_GT(any.any(0).sum().item<int64_t>(), 40 * 32 * 0.99) << "places reached";
}

TEST(RandomErasingTest, ProbabilityIsOfSamplesEachWithItsOwnDraws) {
  RandomErasingOptions options;
  const torch::Tensor pictures = torch::ones({2000, 8, 8, 1});
  const torch::Tensor gone = (erased(options, pictures) == 0).flatten(1);
  EXPECT_NEAR(gone.any(1).sum().item<double>(), 500, 80);  // four standard deviations
  const torch::Tensor some = erased(options, pictures, 1);
  EXPECT_TRUE(some.equal(erased(options, pictures, 1)));
  EXPECT_FALSE(some.equal(erased(options, pictures, 2)));
  // What one sample draws leaves the others' draws alone.
  EXPECT_TRUE(erased(options, pictures.narrow(0, 0, 10), 1).equal(some.narrow(0, 0, 10)));
}

TEST(RandomErasingTest, FillsWithAValueOrWithNoise) {
  RandomErasingOptions options = always();
  options.value = -2.5;
  const torch::Tensor pictures = torch::full({100, 16, 16, 3}, 100.0);
  const torch::Tensor flat = erased(options, pictures);
  EXPECT_TRUE(((flat == 100) | (flat == -2.5)).all().item<bool>());
  options.fill = ErasingFill::kNoise;
  const torch::Tensor noisy = erased(options, pictures);
  EXPECT_TRUE((noisy != 100).equal(flat != 100)) << "the same rectangles";
  const torch::Tensor noise = noisy.masked_select(noisy != 100);
  const double deviation = 4 / std::sqrt(static_cast<double>(noise.numel()));
  EXPECT_NEAR(noise.mean().item<double>(), 0, deviation);
  EXPECT_NEAR(noise.var().item<double>(), 1, 2 * deviation);
}

TEST(RandomErasingTest, RefusesOtherRanksAndReversedRanges) {
  EXPECT_THAT(test::error_text([&] { erased(always(), torch::ones({2, 16, 4})); }),
              HasSubstr("random_erasing needs pictures [batch, height, width, channels] of floats, "
                        "got Float of rank 3"));
  RandomErasingOptions options = always();
  options.min_area = 0.5;
  EXPECT_THAT(test::error_text([&] { RandomErasing{options}; }),
              HasSubstr("min_area = 0.500000 is above max_area = 0.333333"));
}

TEST(RandomErasingTest, LeavesTheDatasetsMemoryAlone) {
  const torch::Tensor pictures = torch::ones({4, 8, 8, 1});
  erased(always(), pictures);
  EXPECT_TRUE(pictures.equal(torch::ones({4, 8, 8, 1})));
}

}  // namespace
}  // namespace mixwright
