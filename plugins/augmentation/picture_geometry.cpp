#include "picture_geometry.h"

#include <array>
#include <cmath>
#include <cstring>
#include <numbers>

#include "lookup_table.h"

namespace picture {

namespace {

constexpr double kDegree = std::numbers::pi / 180.0;

/// Where a place of the new picture lies in the old one, both counted from the middle:
/// (a x + b y + c, d x + e y + f) as {a, b, c, d, e, f}.
using Affine = std::array<double, 6>;

struct Point {
  double x = 0;
  double y = 0;
};

/// What Point means where it is an angle: of the shears along x and y, in degrees.
using Shear = Point;

/// Inverse of: shear, turn by `degrees` about `centre`, then translate. The order of operations is
/// torchvision's (_get_inverse_affine_matrix), for the sake of the last bits.
Affine inverse(Point centre, double degrees, Point translation, Shear shear) {
  const double turn = degrees * kDegree;
  const double shear_x = shear.x * kDegree;
  const double shear_y = shear.y * kDegree;
  const double a = std::cos(turn - shear_y) / std::cos(shear_y);
  const double b = -(a * std::tan(shear_x) + std::sin(turn));
  const double c = std::sin(turn - shear_y) / std::cos(shear_y);
  const double d = std::cos(turn) - c * std::tan(shear_x);
  const double x = centre.x + translation.x;
  const double y = centre.y + translation.y;
  Affine result = {d, -b, 0.0, -c, a, 0.0};
  result[2] += centre.x - result[0] * x - result[1] * y;
  result[5] += centre.y - result[3] * x - result[4] * y;
  return result;
}

/// The affine map in the units of LibTorch's grid_sampler, where a picture reaches from -1 to 1.
std::array<float, 6> in_half_sides(const Affine& affine, int64_t height, int64_t width) {
  std::array<float, 6> result{};
  for (size_t i = 0; i < result.size(); ++i) {
    result[i] = static_cast<float>(affine[i]) / (0.5F * static_cast<float>(i < 3 ? width : height));
  }
  return result;
}

/// Places along a side, counted from its middle.
torch::Tensor from_middle(int64_t size) {
  const double last = (static_cast<double>(size) - 1.0) * 0.5;
  return torch::linspace(-last, last, size);
}

/// a x + b y + c as the matrix product of torchvision's coordinates rounds it, then as a place
/// along a side of `size`, as grid_sampler rounds that. Compared in all 616 magnitudes of both
/// spaces on five sizes: no other order of the additions gives the same places.
float place(const float* abc, float x, float y, float size) {
  const float coordinate = multiply_add(x * abc[0], y, abc[1]) + abc[2];
  return std::nearbyint((coordinate + 1.0F) * (size / 2.0F) - 0.5F);
}

// Four times as fast as grid_sampler, which wants floats with channels first.
torch::Tensor resampled_nearest(const torch::Tensor& picture, const Affine& affine, double fill) {
  const int64_t height = picture.size(0);
  const int64_t width = picture.size(1);
  const auto bytes = static_cast<size_t>(picture.size(2));
  const std::array<float, 6> map = in_half_sides(affine, height, width);
  const torch::Tensor columns = from_middle(width);
  const torch::Tensor rows = from_middle(height);
  const auto* x = columns.const_data_ptr<float>();
  const auto* y = rows.const_data_ptr<float>();
  const auto wide = static_cast<float>(width);
  const auto high = static_cast<float>(height);
  torch::Tensor result = torch::full_like(picture, fill);
  const auto* in = picture.const_data_ptr<uint8_t>();
  auto* out = result.data_ptr<uint8_t>();
  for (int64_t row = 0; row < height; ++row) {
    for (int64_t column = 0; column < width; ++column, out += bytes) {
      const float from_x = place(map.data(), x[column], y[row], wide);
      const float from_y = place(map.data() + 3, x[column], y[row], high);
      if (!(from_x >= 0 && from_x < wide && from_y >= 0 && from_y < high)) continue;
      const int64_t from = static_cast<int64_t>(from_y) * width + static_cast<int64_t>(from_x);
      std::memcpy(out, in + static_cast<size_t>(from) * bytes, bytes);
    }
  }
  return result;
}

torch::Tensor resampled_bilinear(const torch::Tensor& picture, const Affine& affine, double fill) {
  const int64_t height = picture.size(0);
  const int64_t width = picture.size(1);
  torch::Tensor base = torch::ones({1, height, width, 3});
  base.select(3, 0).copy_(from_middle(width));
  base.select(3, 1).copy_(from_middle(height).unsqueeze(1));
  std::array<float, 6> map = in_half_sides(affine, height, width);
  // [1, H W, 3] x [1, 3, 2] -> [1, H, W, 2]
  const torch::Tensor grid = base.view({1, height * width, 3})
                                 .bmm(torch::from_blob(map.data(), {1, 2, 3}).transpose(1, 2))
                                 .view({1, height, width, 2});
  const auto sample = [&](const torch::Tensor& floats) {
    return torch::grid_sampler_2d(
        floats, grid, /*interpolation_mode=*/0, /*padding_mode=*/0, /*align_corners=*/false);
  };
  // [H, W, C] -> [1, C, H, W]
  torch::Tensor sampled =
      sample(picture.permute({2, 0, 1}).unsqueeze(0).to(torch::kFloat32).contiguous());
  if (fill != 0) {
    const torch::Tensor inside = sample(torch::ones({1, 1, height, width}));
    sampled.add_((1.0 - inside).mul_(fill));
  }
  return sampled.round_().to(torch::kUInt8).squeeze(0).permute({1, 2, 0}).contiguous();
}

torch::Tensor resampled(const torch::Tensor& picture,
                        const Affine& affine,
                        const Sampling& sampling) {
  return sampling.interpolation == Interpolation::kNearest
             ? resampled_nearest(picture, affine, sampling.fill)
             : resampled_bilinear(picture, affine, sampling.fill);
}

/// The corner that stays in its place when a picture is sheared.
Point upper_left(const torch::Tensor& picture) {
  return {-0.5 * static_cast<double>(picture.size(1)), -0.5 * static_cast<double>(picture.size(0))};
}

}  // namespace

torch::Tensor shear_x(const torch::Tensor& picture, double magnitude, const Sampling& sampling) {
  const Shear shear{std::atan(magnitude) / kDegree, 0.0};
  return resampled(picture, inverse(upper_left(picture), 0.0, {}, shear), sampling);
}

torch::Tensor shear_y(const torch::Tensor& picture, double magnitude, const Sampling& sampling) {
  const Shear shear{0.0, std::atan(magnitude) / kDegree};
  return resampled(picture, inverse(upper_left(picture), 0.0, {}, shear), sampling);
}

torch::Tensor translate_x(const torch::Tensor& picture,
                          double magnitude,
                          const Sampling& sampling) {
  return resampled(picture, inverse({}, 0.0, {std::trunc(magnitude), 0.0}, {}), sampling);
}

torch::Tensor translate_y(const torch::Tensor& picture,
                          double magnitude,
                          const Sampling& sampling) {
  return resampled(picture, inverse({}, 0.0, {0.0, std::trunc(magnitude)}, {}), sampling);
}

torch::Tensor rotate(const torch::Tensor& picture, double degrees, const Sampling& sampling) {
  if (degrees == 0) return picture;
  // torchvision turns by the angle modulo 360, the other way round.
  const double turn = degrees < 0 ? degrees + 360.0 : degrees;
  return resampled(picture, inverse({}, -turn, {}, {}), sampling);
}

}  // namespace picture
