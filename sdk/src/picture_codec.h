#pragma once

#include <mixwright/picture.h>

// What the decoders share. libjpeg and libpng leave by longjmp on an error, over frames whose C++
// destructors would not run. So every call of theirs is made in a `step`: a function over a plain
// struct that owns nothing, started by `guarded`, whose frame holds nothing either. Owners of
// memory stand outside and throw when a step has failed.
namespace mixwright::picture {

using Bytes = std::span<const uint8_t>;

[[noreturn]] void fail(const std::string& name, const std::string& reason);

/// `1,234,567`
std::string grouped(int64_t value);

/// Holds a header's size against the limits: `most_pixels`, and `possible`, as many as a file of
/// this length can hold.
void check_size(const PictureInfo& info,
                Bytes bytes,
                double possible,
                int64_t most_pixels,
                const std::string& name);

/// The crop asked for, or the whole; within the picture.
PictureBox box_of(const PictureInfo& info, const PictureOptions& options, const std::string& name);

/// 0.299 R + 0.587 G + 0.114 B in PIL's fixed point.
inline uint8_t gray_of(unsigned red, unsigned green, unsigned blue) {
  return static_cast<uint8_t>((red * 19595U + green * 38470U + blue * 7471U + 0x8000U) >> 16);
}

PictureInfo jpeg_info(Bytes bytes, const std::string& name);
torch::Tensor decode_jpeg(Bytes bytes, const std::string& name, const PictureOptions& options);
PictureInfo png_info(Bytes bytes, const std::string& name);
torch::Tensor decode_png(Bytes bytes, const std::string& name, const PictureOptions& options);

}  // namespace mixwright::picture
