#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <mixwright/random.h>

namespace mixwright {
namespace {

constexpr int kDraws = 20000;

struct Moments {
  double mean = 0;
  double variance = 0;
};

Moments moments(const std::function<double(SampleRandom&)>& draw) {
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    SampleRandom random(11, 0, static_cast<uint64_t>(i));
    const double value = draw(random);
    sum += value;
    squares += value * value;
  }
  const double mean = sum / kDraws;
  return {mean, squares / kDraws - mean * mean};
}

TEST(SampleRandomTest, NormalHasMeanZeroAndVarianceOne) {
  const Moments normal = moments([](SampleRandom& random) { return random.normal(); });
  EXPECT_NEAR(normal.mean, 0.0, 0.03);  // four standard deviations of the mean
  EXPECT_NEAR(normal.variance, 1.0, 0.05);
}

TEST(SampleRandomTest, BetaHasItsMeanAndVariance) {
  const std::vector<std::pair<double, double>> shapes = {
      {1.0, 1.0}, {0.2, 0.2}, {0.8, 0.8}, {2.0, 5.0}, {0.01, 0.01}};
  for (const auto& shape : shapes) {
    const double a = shape.first;
    const double b = shape.second;
    const Moments beta = moments([&](SampleRandom& random) { return random.beta(a, b); });
    const double variance = a * b / ((a + b) * (a + b) * (a + b + 1));
    EXPECT_NEAR(beta.mean, a / (a + b), 4 * std::sqrt(variance / kDraws)) << a << ", " << b;
    EXPECT_NEAR(beta.variance, variance, 0.05 * variance + 1e-4) << a << ", " << b;
    EXPECT_TRUE(std::isfinite(beta.variance));
  }
}

}  // namespace
}  // namespace mixwright
