#include "receptive_fields.h"

#include <algorithm>
#include <cmath>

namespace mixwright::energy {

namespace {

constexpr int64_t kMost = 100;
constexpr int64_t kColumns = 10;
constexpr int64_t kSide = 56;  // a small field is enlarged to about this
constexpr int64_t kGap = 2;
constexpr double kShades = 7;  // to each side of 0: as many as one sees, in a small file
constexpr double kLeast = 1e-12;

// Okabe and Ito's vermilion and blue, which colour-blind readers tell apart.
const std::vector<double> kAbove = {0xd5 / 255.0, 0x5e / 255.0, 0.0};
const std::vector<double> kBelow = {0.0, 0x72 / 255.0, 0xb2 / 255.0};

bool is_picture(const Shape& shape) {
  return shape.grid.size() == 2 && (shape.channels == 1 || shape.channels == 3);
}

/// [units, H, W, C] of -1 to 1 -> [units, H, W, 3] of 0 to 1.
torch::Tensor coloured(const torch::Tensor& fields) {
  if (fields.size(3) == 3) return (fields + 1) / 2;
  const auto missing = [](const std::vector<double>& colour) {
    return 1 - torch::tensor(colour, torch::kFloat32);  // from white
  };
  return 1 - fields.clamp_min(0) * missing(kAbove) - (-fields).clamp_min(0) * missing(kBelow);
}

}  // namespace

torch::Tensor receptive_fields(const torch::Tensor& weights, const Shape& picture) {
  const torch::Tensor rows = weights.detach().to(torch::kCPU, torch::kFloat32);
  const int64_t count = std::min(kMost, rows.size(0));
  const torch::Tensor order = std::get<1>(rows.square().sum(1).topk(count));
  torch::Tensor fields = rows.index_select(0, order).reshape(
      {count, picture.grid[0], picture.grid[1], picture.channels});
  fields = fields / fields.abs().amax({1, 2, 3}, /*keepdim=*/true).clamp_min(kLeast);
  fields = (fields * kShades).round() / kShades;
  const int64_t times = std::max<int64_t>(1, kSide / std::max(picture.grid[0], picture.grid[1]));
  const torch::Tensor tiles =
      coloured(fields).repeat_interleave(times, 1).repeat_interleave(times, 2);
  const int64_t high = tiles.size(1) + kGap;
  const int64_t wide = tiles.size(2) + kGap;
  const int64_t columns = std::min(kColumns, count);
  torch::Tensor sheet =
      torch::full({(count + columns - 1) / columns * high + kGap, columns * wide + kGap, 3}, 0.6F);
  for (int64_t i = 0; i < count; ++i) {
    sheet.narrow(0, kGap + i / columns * high, tiles.size(1))
        .narrow(1, kGap + i % columns * wide, tiles.size(2))
        .copy_(tiles[i]);
  }
  return sheet;
}

void report_receptive_fields(Report& report,
                             const torch::Tensor& weight,
                             const std::vector<Shape>& layers) {
  if (!report.wants_pictures()) return;
  if (is_picture(layers[1])) {
    report.picture("receptive_fields", receptive_fields(weight, layers[1]));
  } else if (is_picture(layers[0])) {
    report.picture("receptive_fields", receptive_fields(weight.t(), layers[0]));
  }
}

}  // namespace mixwright::energy
