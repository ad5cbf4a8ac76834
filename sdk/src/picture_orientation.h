#pragma once

#include <cstdint>
#include <span>

#include <torch/torch.h>

namespace mixwright::picture {

/// The orientation that a JPEG file's EXIF data give, 1 to 8; 1, as it is stored, where there is
/// none or it cannot be read. Looks at no byte outside of `jpeg`, whatever the file says.
/// Source: CIPA DC-008 (Exif 2.32) 4.6.4, tag 0x0112, in an APP1 segment (4.7.2) of TIFF 6.0.
int exif_orientation(std::span<const uint8_t> jpeg);

/// The picture as its orientation means it: 1 as stored, 2 mirrored left to right, 3 turned by 180
/// degrees, 4 mirrored top to bottom, 5 transposed, 6 turned clockwise by 90 degrees, 7 transposed
/// along the other diagonal, 8 turned counterclockwise by 90 degrees.
/// Shape: [H, W, C] -> [H, W, C], [W, H, C] for 5 to 8; contiguous.
torch::Tensor turned_upright(const torch::Tensor& picture, int orientation);

}  // namespace mixwright::picture
