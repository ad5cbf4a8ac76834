#pragma once

#include <array>
#include <cstdint>

#include <torch/torch.h>

namespace mixwright::train {

/// A rectangle in pixels.
struct Box {
  int64_t top = 0;
  int64_t left = 0;
  int64_t height = 0;
  int64_t width = 0;
};

using Colour = std::array<int, 3>;  ///< red, green, blue, 0 to 255
constexpr Colour kBlue = {0x00, 0x72, 0xb2};
constexpr Colour kVermilion = {0xd5, 0x5e, 0x00};
constexpr Colour kPale = {0xe4, 0xe4, 0xe4};

/// Fills a rectangle of a canvas of bytes [height, width, 3]; one without width stays away.
void fill(torch::Tensor& canvas, const Box& box, const Colour& colour);

/// Draws the edges of a rectangle, `thickness` pixels within it.
void outline(torch::Tensor& canvas, const Box& box, const Colour& colour, int64_t thickness);

/// A picture whose longer side becomes `side`: a large one is made smaller, a small one enlarged by
/// a whole factor, so that its pixels stay what they are.
/// Shape: bytes [H, W, C] -> [h, w, C].
torch::Tensor scaled_picture(const torch::Tensor& picture, int64_t side);

/// Puts a picture into a square field of `side` pixels, at its foot and in its middle, with a pale
/// frame around it; gives where it lies.
Box put_picture(
    torch::Tensor& canvas, const torch::Tensor& picture, int64_t top, int64_t left, int64_t side);

}  // namespace mixwright::train
