#include "framework/sweep/point_labels.h"

#include <algorithm>
#include <array>
#include <limits>

namespace mixwright::sweep {

namespace {

// Of the figures' font at 12 points, about.
constexpr double kLetter = 7.2;
constexpr double kHeight = 14;
constexpr double kGap = 8;  // between the point and its name
constexpr double kHalfMark = 5;

struct Box {
  double left, right, bottom, top;
};

double overlap(const Box& a, const Box& b) {
  const double width = std::min(a.right, b.right) - std::max(a.left, b.left);
  const double height = std::min(a.top, b.top) - std::max(a.bottom, b.bottom);
  return std::max(0.0, width) * std::max(0.0, height);
}

Box label_box(const NamedPoint& point, LabelSide side) {
  const double width = kLetter * static_cast<double>(point.name.size());
  const double left = side.left ? point.x - kGap - width : point.x + kGap;
  const double middle = point.y + (side.below ? -kGap : kGap);
  return {left, left + width, middle - kHeight / 2, middle + kHeight / 2};
}

Box mark_box(const NamedPoint& point) {
  return {point.x - kHalfMark,
          point.x + kHalfMark,
          std::min(point.low, point.y - kHalfMark),
          std::max(point.high, point.y + kHalfMark)};
}

}  // namespace

std::vector<LabelSide> label_sides(const std::vector<NamedPoint>& points) {
  constexpr std::array<LabelSide, 4> kSides = {{{.left = false, .below = false},
                                                {.left = false, .below = true},
                                                {.left = true, .below = false},
                                                {.left = true, .below = true}}};
  std::vector<Box> taken;
  for (const NamedPoint& point : points) taken.push_back(mark_box(point));
  std::vector<LabelSide> chosen;
  for (const NamedPoint& point : points) {
    LabelSide best;
    double least = std::numeric_limits<double>::infinity();
    for (const LabelSide side : kSides) {
      const Box box = label_box(point, side);
      double cost = std::max(0.0, -box.left) * kHeight * 10;
      for (const Box& other : taken) cost += overlap(box, other);
      if (cost < least) {
        least = cost;
        best = side;
      }
    }
    chosen.push_back(best);
    taken.push_back(label_box(point, best));
  }
  return chosen;
}

}  // namespace mixwright::sweep
