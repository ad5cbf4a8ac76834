#include "framework/bench/spread.h"

#include <gtest/gtest.h>

namespace mixwright::bench {
namespace {

TEST(Spread, QuartilesLieBetweenNeighbours) {
  const Spread spread = spread_of({4, 1, 3, 2});
  EXPECT_DOUBLE_EQ(spread.low, 1.75);
  EXPECT_DOUBLE_EQ(spread.median, 2.5);
  EXPECT_DOUBLE_EQ(spread.high, 3.25);
  EXPECT_DOUBLE_EQ(spread_of({7}).median, 7);
}

TEST(MedianInterval, OfFewValuesIsTheExtremesAndSaysHowMuchThatIsWorth) {
  const MedianInterval five = median_interval({5, 3, 1, 2, 4});
  EXPECT_DOUBLE_EQ(five.low, 1);
  EXPECT_DOUBLE_EQ(five.high, 5);
  EXPECT_DOUBLE_EQ(five.confidence, 1 - 2.0 / 32);
  EXPECT_DOUBLE_EQ(median_interval({1, 2, 3, 4, 5, 6}).confidence, 1 - 2.0 / 64);
  EXPECT_DOUBLE_EQ(median_interval({8}).confidence, 0);
}

// Tables of the sign test: of 10 values the second and the ninth, of 20 the sixth and the
// fifteenth.
TEST(MedianInterval, OfMoreValuesIsTheNarrowestThatSuffices) {
  std::vector<double> values;
  for (int i = 1; i <= 10; ++i) values.push_back(i);
  const MedianInterval ten = median_interval(values);
  EXPECT_DOUBLE_EQ(ten.low, 2);
  EXPECT_DOUBLE_EQ(ten.high, 9);
  EXPECT_DOUBLE_EQ(ten.confidence, 1 - 2 * 11.0 / 1024);
  for (int i = 11; i <= 20; ++i) values.push_back(i);
  const MedianInterval twenty = median_interval(values);
  EXPECT_DOUBLE_EQ(twenty.low, 6);
  EXPECT_DOUBLE_EQ(twenty.high, 15);
  EXPECT_NEAR(twenty.confidence, 0.9586, 1e-4);
}

TEST(PairedRatios, DivideRoundByRound) {
  EXPECT_EQ(paired_ratios({1, 9}, {2, 3}), (std::vector<double>{0.5, 3}));
}

}  // namespace
}  // namespace mixwright::bench
