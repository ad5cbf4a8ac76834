#include "picture_color.h"

#include <cmath>

#include "lookup_table.h"

namespace picture {

namespace {

/// Weights of ITU-R BT.601 as torchvision rounds them, and its order of additions.
float grey_level(const uint8_t* rgb) {
  const float red = static_cast<float>(rgb[0]) * 0.2989F;
  const float red_green = multiply_add(red, static_cast<float>(rgb[1]), 0.587F);
  return std::floor(multiply_add(red_green, static_cast<float>(rgb[2]), 0.114F));
}

struct Blend {
  explicit Blend(double magnitude)
      : own(static_cast<float>(1.0 + magnitude)),
        others(static_cast<float>(1.0 - (1.0 + magnitude))) {}
  uint8_t operator()(uint8_t value, float other) const {
    return to_byte(multiply_add(static_cast<float>(value) * own, other, others));
  }
  float own;
  float others;
};

/// The table for pictures that are blended with one level.
LookupTable blended_with(float level, double magnitude) {
  const Blend blend(magnitude);
  LookupTable table{};
  for (size_t i = 0; i < table.size(); ++i) table[i] = blend(static_cast<uint8_t>(i), level);
  return table;
}

float mean_grey_level(const torch::Tensor& picture) {
  const auto* in = picture.const_data_ptr<uint8_t>();
  const int64_t channels = picture.size(2);
  const int64_t places = picture.size(0) * picture.size(1);
  int64_t sum = 0;
  for (int64_t i = 0; i < places; ++i, in += channels) {
    sum += channels == 1 ? *in : static_cast<int64_t>(grey_level(in));
  }
  return static_cast<float>(sum) / static_cast<float>(places);
}

}  // namespace

torch::Tensor brightness(const torch::Tensor& picture, double magnitude) {
  return looked_up(picture, {blended_with(0, magnitude)});
}

torch::Tensor color(const torch::Tensor& picture, double magnitude) {
  if (picture.size(2) == 1) return picture;
  const Blend blend(magnitude);
  torch::Tensor result = torch::empty_like(picture);
  const auto* in = picture.const_data_ptr<uint8_t>();
  auto* out = result.data_ptr<uint8_t>();
  for (int64_t i = 0; i < picture.numel(); i += 3) {
    const float grey = grey_level(in + i);
    for (int64_t c = 0; c < 3; ++c) out[i + c] = blend(in[i + c], grey);
  }
  return result;
}

torch::Tensor contrast(const torch::Tensor& picture, double magnitude) {
  return looked_up(picture, {blended_with(mean_grey_level(picture), magnitude)});
}

torch::Tensor sharpness(const torch::Tensor& picture, double magnitude) {
  const int64_t height = picture.size(0);
  const int64_t width = picture.size(1);
  const int64_t step = picture.size(2);
  const int64_t row = width * step;
  torch::Tensor result = picture.clone();
  if (height <= 2 || width <= 2) return result;
  const auto others = static_cast<float>(1.0 - (1.0 + magnitude));
  auto* out = result.data_ptr<uint8_t>();
  for (int64_t y = 1; y + 1 < height; ++y) {
    const auto* in = picture.const_data_ptr<uint8_t>() + y * row;
    for (int64_t i = step; i < row - step; ++i) {
      int64_t sum = 4 * int64_t{in[i]};
      for (const int64_t above : {i - row, i, i + row}) {
        sum += in[above - step] + in[above] + in[above + step];
      }
      // Never halfway between two levels, for 13 is odd.
      const int64_t smooth = (2 * sum + 13) / 26;
      const auto change = static_cast<float>(smooth - in[i]);
      out[y * row + i] = to_byte(multiply_add(static_cast<float>(in[i]), change, others));
    }
  }
  return result;
}

}  // namespace picture
