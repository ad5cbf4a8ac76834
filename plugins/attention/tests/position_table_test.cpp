// Tables of relative positions for other windows.

#include "plugins/attention/position_table.h"

#include <gtest/gtest.h>

#include <mixwright/error.h>

namespace mixwright::attention {
namespace {

TEST(PositionTable, AConstantOneStaysAndOthersKeepMiddleAndCorners) {
  const torch::Tensor table = torch::randn({169, 3});
  for (const std::vector<int64_t>& window :
       {std::vector<int64_t>{8, 8}, {12, 12}, {16, 9}, {4, 4}}) {
    const ResizedTable constant = resized_position_table(torch::full({169, 2}, 0.25), window);
    EXPECT_EQ(constant.window, 7);
    EXPECT_TRUE(torch::allclose(constant.value, torch::full_like(constant.value, 0.25)));
    const int64_t height = 2 * window[0] - 1;
    const int64_t width = 2 * window[1] - 1;
    const torch::Tensor y = resized_position_table(table, window).value.view({height, width, 3});
    const torch::Tensor x = table.view({13, 13, 3});
    EXPECT_TRUE(torch::allclose(y[height / 2][width / 2], x[6][6]));
    // Larger windows end where the old ones did; the ratio is found to 1e-6.
    if (window[0] > 7) {
      EXPECT_TRUE(torch::allclose(y[0][0], x[0][0], 1e-3, 1e-3));
      EXPECT_TRUE(torch::allclose(y[height - 1][width - 1], x[12][12], 1e-3, 1e-3));
    }
  }
}

TEST(PositionTable, OnlySquareWindowsOfPicturesAreKnown) {
  EXPECT_THROW(resized_position_table(torch::randn({143, 3}), {8, 8}), Error);
  EXPECT_THROW(resized_position_table(torch::randn({169, 3}), {8}), Error);
}

}  // namespace
}  // namespace mixwright::attention
