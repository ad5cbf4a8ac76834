#include "framework/sweep/point_labels.h"

#include <gtest/gtest.h>

namespace mixwright::sweep {
namespace {

NamedPoint point(const char* name, double x, double y, double half = 0) {
  return {name, x, y, y - half, y + half};
}

TEST(PointLabels, StandAboveAndRightWhereNothingIsInTheWay) {
  for (const LabelSide side : label_sides({point("one", 50, 50), point("two", 200, 200)})) {
    EXPECT_FALSE(side.left);
    EXPECT_FALSE(side.below);
  }
}

TEST(PointLabels, KeepOffTheNextPointsInterval) {
  // The name is 65 pixels long; a bar stands 40 pixels right of it, above and below.
  const auto sides = label_sides({point("neighbour", 100, 100), point("tall", 140, 100, 60)});
  EXPECT_TRUE(sides[0].left);
  EXPECT_FALSE(sides[1].left);
  // Where there is no room on the left, the name crosses it.
  EXPECT_FALSE(label_sides({point("neighbour", 20, 100), point("tall", 60, 100, 60)})[0].left);
}

TEST(PointLabels, KeepOffNamesBefore) {
  const auto sides = label_sides({point("first", 100, 100), point("second", 104, 104)});
  EXPECT_TRUE(sides[0].left != sides[1].left || sides[0].below != sides[1].below);
}

}  // namespace
}  // namespace mixwright::sweep
