// Positions and pooling against formulas and LibTorch's own functions; refusals.

#include <cmath>
#include <numbers>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugins/embeddings/fourier_positions.h"
#include "plugins/embeddings/learned_positions.h"
#include "plugins/embeddings/max_pool.h"
#include "tests/support/error_text.h"

namespace mixwright::embeddings {
namespace {

using testing::HasSubstr;

BuildContext grid_context(std::vector<int64_t> grid, int64_t channels) {
  BuildContext context;
  context.shape.grid = std::move(grid);
  context.shape.channels = channels;
  context.dim = channels;
  return context;
}

TEST(FourierPositions, AreSinesThenCosinesOfEachDimension) {
  FourierPositionsOptions options;
  options.bands = 3;
  options.resolution = {8, 6};
  FourierPositions positions(options, grid_context({4, 5}, 2));
  EXPECT_EQ(positions.out_shape().text(), "[4, 5, 16]");  // 2 + 2 (1 + 2 x 3)
  const torch::Tensor x = torch::randn({2, 4, 5, 2});
  const torch::Tensor y = positions.forward(x);
  EXPECT_TRUE(y.narrow(-1, 0, 2).equal(x));
  for (int64_t row = 0; row < 4; ++row) {
    for (int64_t column = 0; column < 5; ++column) {
      const double place[] = {-1 + 2 * row / 3.0, -1 + 2 * column / 4.0};
      const double highest[] = {4, 3};
      for (int64_t i = 0; i < 2; ++i) {
        const auto seen = [&](int64_t channel) {
          return y[1][row][column][channel].item<double>();
        };
        EXPECT_NEAR(seen(2 + i), place[i], 1e-6);
        for (int64_t k = 0; k < 3; ++k) {
          const double phase =
              std::numbers::pi * place[i] * (1 + static_cast<double>(k) * (highest[i] - 1) / 2);
          EXPECT_NEAR(seen(4 + 3 * i + k), std::sin(phase), 1e-5);
          EXPECT_NEAR(seen(10 + 3 * i + k), std::cos(phase), 1e-5);
        }
      }
    }
  }
}

TEST(FourierPositions, KeepTheirFrequenciesOnALargerGrid) {
  FourierPositionsOptions options;
  options.bands = 4;
  options.cosine = false;
  options.coordinates = false;
  FourierPositions positions(options, grid_context({3}, 1));
  const torch::Tensor small = positions.forward(torch::zeros({1, 3, 1}));
  const torch::Tensor large = positions.forward(torch::zeros({1, 5, 1}));
  EXPECT_EQ(large.sizes(), torch::IntArrayRef({1, 5, 5}));
  EXPECT_TRUE(torch::allclose(large.slice(1, 0, 5, 2), small, 1e-5, 1e-6));
}

TEST(FourierPositions, AddThroughAProjectionOrNotAtAll) {
  FourierPositionsOptions options;
  options.combine = Combine::kAdd;
  EXPECT_THAT(test::error_text([&] { FourierPositions(options, grid_context({4}, 6)); }),
              HasSubstr("positions of 129 numbers do not add to features of 6 channels; "
                        "give project = 6"));
  options.project = 6;
  FourierPositions positions(options, grid_context({4}, 6));
  const torch::Tensor x = torch::randn({2, 4, 6});
  const torch::Tensor y = positions.forward(x);
  EXPECT_TRUE(torch::allclose((y - x)[0], (y - x)[1], 1e-5, 1e-6));
  EXPECT_FALSE(torch::allclose(x, y));
}

TEST(LearnedPositions, RefuseAnotherGrid) {
  LearnedPositions positions(LearnedPositionsOptions(), grid_context({4, 5}, 2));
  EXPECT_EQ(positions.out_shape().text(), "[4, 5, 4]");
  EXPECT_THAT(test::error_text([&] { positions.forward(torch::randn({1, 5, 4, 2})); }),
              HasSubstr("the input's grid is [5, 4], positions were made for [4, 5]"));
}

TEST(MaxPool, IsLibTorchsInEveryNumberOfDimensions) {
  MaxPoolOptions options;
  options.padding = 1;
  const auto pooled = [&](const std::vector<int64_t>& grid) {
    MaxPool pool(options, grid_context(grid, 3));
    std::vector<int64_t> sizes = {2};
    sizes.insert(sizes.end(), grid.begin(), grid.end());
    sizes.push_back(3);
    const torch::Tensor x = torch::randn(sizes);
    const torch::Tensor y = pool.forward(x);
    std::vector<int64_t> promised = pool.out_shape().grid;
    promised.push_back(3);
    EXPECT_EQ(y.sizes().slice(1), torch::IntArrayRef(promised));
    return std::pair(x.movedim(-1, 1), y.movedim(-1, 1));
  };
  const auto [x1, y1] = pooled({9});
  EXPECT_TRUE(y1.equal(torch::max_pool1d(x1, 3, 2, 1)));
  const auto [x2, y2] = pooled({9, 6});
  EXPECT_TRUE(y2.equal(torch::max_pool2d(x2, 3, 2, 1)));
  const auto [x3, y3] = pooled({5, 9, 6});
  EXPECT_TRUE(y3.equal(torch::max_pool3d(x3, 3, 2, 1)));
}

TEST(MaxPool, RefusesAWindowThatDoesNotFit) {
  EXPECT_THAT(test::error_text([] { MaxPool(MaxPoolOptions(), grid_context({9, 2}, 3)); }),
              HasSubstr("windows of 3 do not fit into the grid [9, 2]"));
}

}  // namespace
}  // namespace mixwright::embeddings
