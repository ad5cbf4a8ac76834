#include "position_table.h"

#include <algorithm>
#include <cmath>

#include <mixwright/error.h>
#include <mixwright/shape.h>

namespace mixwright::attention {

namespace {

/// The distances at which the `reach` old places beside the middle lie where the new ones reach to
/// `new_reach`: a geometric series whose ratio is found by halving between 1.01 and 1.5.
std::vector<double> distances(int64_t reach, int64_t new_reach) {
  double low = 1.01;
  double high = 1.5;
  double ratio = low;
  while (high - low > 1e-6) {
    ratio = (low + high) / 2;
    const double outermost = (1 - std::pow(ratio, reach)) / (1 - ratio);
    (outermost > static_cast<double>(new_reach) ? high : low) = ratio;
  }
  std::vector<double> result;
  double at = 1;
  for (int64_t i = 0; i < reach; ++i) {
    result.push_back(at);
    at += std::pow(ratio, i + 1);
  }
  return result;
}

/// [new, old]: each row weighs two neighbouring old places of one dimension.
torch::Tensor weights(int64_t old_window, int64_t new_window) {
  const int64_t reach = old_window - 1;
  const std::vector<double> aside = distances(reach, new_window - 1);
  std::vector<double> places;
  for (const double distance : aside) places.push_back(-distance);
  std::reverse(places.begin(), places.end());
  places.push_back(0);
  places.insert(places.end(), aside.begin(), aside.end());
  const auto count = static_cast<int64_t>(places.size());
  torch::Tensor result = torch::zeros({2 * new_window - 1, count}, torch::kFloat64);
  for (int64_t i = 0; i < 2 * new_window - 1; ++i) {
    const double x =
        std::clamp(static_cast<double>(i - (new_window - 1)), places.front(), places.back());
    const auto behind = std::lower_bound(places.begin(), places.end(), x);
    const int64_t right = std::max<int64_t>(behind - places.begin(), count > 1 ? 1 : 0);
    const int64_t left = std::max<int64_t>(right - 1, 0);
    const double gap = places[static_cast<size_t>(right)] - places[static_cast<size_t>(left)];
    const double share = gap > 0 ? (x - places[static_cast<size_t>(left)]) / gap : 1;
    result[i][left] = 1 - share;
    result[i][right] = share;
  }
  return result;
}

}  // namespace

ResizedTable resized_position_table(const torch::Tensor& table, const std::vector<int64_t>& sizes) {
  const int64_t side =
      std::llround(std::sqrt(static_cast<double>(std::max<int64_t>(table.size(0), 0))));
  if (sizes.size() != 2 || side * side != table.size(0) || side % 2 == 0) {
    throw Error("tables of square windows are resized for windows of two dimensions, not " +
                std::to_string(table.size(0)) + " relative positions for a window of " +
                list_text(sizes));
  }
  const int64_t window = (side + 1) / 2;
  const torch::Tensor places = table.to(torch::kFloat64).view({side, side, -1});
  const torch::Tensor y = torch::einsum(
      "yi,xj,ijh->yxh", {weights(window, sizes[0]), weights(window, sizes[1]), places});
  return {y.reshape({-1, table.size(1)}).to(table.dtype()).contiguous(), window};
}

}  // namespace mixwright::attention
