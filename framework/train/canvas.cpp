#include "framework/train/canvas.h"

#include <algorithm>

#include <mixwright/picture.h>

namespace mixwright::train {

void fill(torch::Tensor& canvas, const Box& box, const Colour& colour) {
  if (box.width < 1 || box.height < 1) return;
  canvas.narrow(0, box.top, box.height)
      .narrow(1, box.left, box.width)
      .copy_(torch::tensor({colour[0], colour[1], colour[2]}).to(torch::kUInt8));
}

void outline(torch::Tensor& canvas, const Box& box, const Colour& colour, int64_t thickness) {
  const int64_t high = std::min(thickness, box.height);
  const int64_t wide = std::min(thickness, box.width);
  fill(canvas, {box.top, box.left, high, box.width}, colour);
  fill(canvas, {box.top + box.height - high, box.left, high, box.width}, colour);
  fill(canvas, {box.top, box.left, box.height, wide}, colour);
  fill(canvas, {box.top, box.left + box.width - wide, box.height, wide}, colour);
}

torch::Tensor scaled_picture(const torch::Tensor& picture, int64_t side) {
  const int64_t longer = std::max(picture.size(0), picture.size(1));
  if (longer <= side) {
    const int64_t factor = side / longer;
    return picture.repeat_interleave(factor, 0).repeat_interleave(factor, 1);
  }
  const auto scaled = [&](int64_t own) {
    return std::max<int64_t>(1, (own * side + longer / 2) / longer);
  };
  return resize_picture(picture, scaled(picture.size(0)), scaled(picture.size(1)));
}

Box put_picture(
    torch::Tensor& canvas, const torch::Tensor& picture, int64_t top, int64_t left, int64_t side) {
  const Box box = {top + side - picture.size(0),
                   left + (side - picture.size(1)) / 2,
                   picture.size(0),
                   picture.size(1)};
  // White ones need a frame.
  fill(canvas, {box.top - 1, box.left - 1, box.height + 2, box.width + 2}, kPale);
  canvas.narrow(0, box.top, box.height).narrow(1, box.left, box.width).copy_(picture);
  return box;
}

}  // namespace mixwright::train
