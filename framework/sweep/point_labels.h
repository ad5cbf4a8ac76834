#pragma once

#include <string>
#include <vector>

namespace mixwright::sweep {

/// A point of a figure with its name, in pixels from the lower left corner of the plot.
struct NamedPoint {
  std::string name;
  double x = 0;
  double y = 0;
  double low = 0;   ///< where its interval begins
  double high = 0;  ///< and ends
};

/// Where the name stands beside its point.
struct LabelSide {
  bool left = false;
  bool below = false;
};

/// For each point the side on which its name covers least of the other points, their intervals and
/// the names before it; above and right where that is as good. Names may stand right of the plot,
/// not left.
std::vector<LabelSide> label_sides(const std::vector<NamedPoint>& points);

}  // namespace mixwright::sweep
