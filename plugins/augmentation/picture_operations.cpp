#include "picture_operations.h"

#include <array>
#include <cmath>

#include "picture_color.h"
#include "picture_tone.h"

namespace picture {

namespace {

template <torch::Tensor (*kOperation)(const torch::Tensor&, double)>
torch::Tensor with_magnitude(const torch::Tensor& picture, double magnitude, const Sampling&) {
  return kOperation(picture, magnitude);
}

template <torch::Tensor (*kOperation)(const torch::Tensor&)>
torch::Tensor without_magnitude(const torch::Tensor& picture, double, const Sampling&) {
  return kOperation(picture);
}

torch::Tensor identity(const torch::Tensor& picture) {
  return picture;
}

using Unit = Magnitudes::Unit;
constexpr Magnitudes kNothing{0, 0, Unit::kNone};
constexpr double kFarthest = 150.0 / 331.0;  // of a side; 150 places in the papers' own networks

constexpr std::array kOperations = {
    Operation{"identity", without_magnitude<identity>, false, kNothing, kNothing},
    Operation{"shear_x", shear_x, true, {0, 0.3}, {0, 0.99}},
    Operation{"shear_y", shear_y, true, {0, 0.3}, {0, 0.99}},
    Operation{"translate_x", translate_x, true, {0, kFarthest, Unit::kWidth}, {0, 32}},
    Operation{"translate_y", translate_y, true, {0, kFarthest, Unit::kHeight}, {0, 32}},
    Operation{"rotate", rotate, true, {0, 30}, {0, 135}},
    Operation{"brightness", with_magnitude<brightness>, true, {0, 0.9}, {0, 0.99}},
    Operation{"color", with_magnitude<color>, true, {0, 0.9}, {0, 0.99}},
    Operation{"contrast", with_magnitude<contrast>, true, {0, 0.9}, {0, 0.99}},
    Operation{"sharpness", with_magnitude<sharpness>, true, {0, 0.9}, {0, 0.99}},
    Operation{
        "posterize", with_magnitude<posterize>, false, {0, 4, Unit::kBits}, {0, 6, Unit::kBits}},
    Operation{"solarize", with_magnitude<solarize>, false, {1, 0}, {1, 0}},
    Operation{"autocontrast", without_magnitude<autocontrast>, false, kNothing, kNothing},
    Operation{"equalize", without_magnitude<equalize>, false, kNothing, kNothing},
};

}  // namespace

// In floats of 32 bits, as torchvision's tables.
double Magnitudes::at(int64_t level, int64_t bins, int64_t height, int64_t width) const {
  if (unit == Unit::kNone) return 0;
  if (unit == Unit::kBits) {
    const auto levels_per_bit = static_cast<float>(static_cast<double>(bins - 1) / last);
    return std::nearbyint(8.0F - static_cast<float>(level) / levels_per_bit);
  }
  const double scale = unit == Unit::kWidth    ? static_cast<double>(width)
                       : unit == Unit::kHeight ? static_cast<double>(height)
                                               : 1.0;
  return torch::linspace(first, last * scale, bins)[level].item<float>();
}

std::span<const Operation> operations() {
  return kOperations;
}

Drawn with_sign(const Operation& operation, double magnitude, mixwright::SampleRandom& random) {
  const bool negative = operation.is_signed && random.chance(0.5);
  return {&operation, negative ? -magnitude : magnitude};
}

}  // namespace picture
