#include "framework/train/moving_average.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "tests/unit/train/test_network.h"

namespace mixwright::train {
namespace {

void fill(model::Network& network, double value) {
  const torch::NoGradGuard no_grad;
  for (auto& [name, tensor] : network.state()) tensor.fill_(value);
}

double first_value(const model::Network& network) {
  return network.state().front().second.flatten()[0].item<double>();
}

/// The average after the values 1, 2, … 30 were seen at steps 0, 1, … 29, from 0 on.
double expected(const AverageOptions& options) {
  double average = 0;
  for (int n = 0; n < 30; ++n) {
    const double decay =
        options.warmup ? std::min(options.decay, (1.0 + n) / (10.0 + n)) : options.decay;
    average = decay * average + (1 - decay) * (n + 1);
  }
  return average;
}

TEST(MovingAverageTest, FollowsItsEquation) {
  for (const AverageOptions options :
       {AverageOptions{0.9, false}, AverageOptions{0.9, true}, AverageOptions{0.5, true}}) {
    const auto network = test::tiny_network();
    fill(*network, 0);
    MovingAverage average(*network, options);
    for (int step = 0; step < 30; ++step) {
      fill(*network, step + 1);
      average.update(step);
    }
    for (const auto& [name, tensor] : average.state()) {
      EXPECT_NEAR(tensor.flatten()[0].item<double>(), expected(options), 1e-4) << name;
    }
    EXPECT_EQ(first_value(*network), 30) << "the network's own values stay";
  }
}

TEST(MovingAverageTest, StandsInForTheWeightsForAWhile) {
  const auto network = test::tiny_network();
  fill(*network, 1);
  MovingAverage average(*network, {0.9, false});
  fill(*network, 3);
  {
    const AveragedWeights averaged(&average);
    EXPECT_EQ(first_value(*network), 1);
    EXPECT_EQ(average.state().front().second.flatten()[0].item<double>(), 3);
  }
  EXPECT_EQ(first_value(*network), 3);
  const AveragedWeights none(nullptr);
}

TEST(MovingAverageTest, RefusesAnotherNetworksAverage) {
  const auto network = test::tiny_network();
  MovingAverage average(*network, {0.9, true});
  EXPECT_THAT([&] { average.load({}); },
              testing::ThrowsMessage<Error>(
                  testing::HasSubstr("the average of the weights has no \"stages.0.blocks.0.")));
}

}  // namespace
}  // namespace mixwright::train
