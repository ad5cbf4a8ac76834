#include "framework/bench/turns.h"

#include <string>

#include <gtest/gtest.h>

namespace mixwright::bench {
namespace {

TEST(Turns, EverybodyHasOneInEachRoundAndEachRoundBeginsWithAnother) {
  std::string order;
  const auto side = [&order](char name, double seconds) {
    return Turn([&order, name, seconds] {
      order += name;
      return seconds;
    });
  };
  const auto seconds = take_turns({side('a', 1), side('b', 2), side('c', 3)}, 4, [&](int round) {
    order += std::to_string(round);
  });
  EXPECT_EQ(order, "0abc1bca2cab3abc");
  EXPECT_EQ(seconds, (std::vector<std::vector<double>>{{1, 1, 1, 1}, {2, 2, 2, 2}, {3, 3, 3, 3}}));
}

}  // namespace
}  // namespace mixwright::bench
