#pragma once

// clang-format off: jpeglib.h needs size_t and FILE before it
#include <cstddef>
#include <cstdio>
#include <jpeglib.h>
#include <png.h>
// clang-format on

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include <torch/torch.h>

namespace mixwright::test {

/// Pixels with slopes in both directions, which survive JPEG: [H, W, C].
inline torch::Tensor slopes(int64_t height, int64_t width, int64_t channels) {
  const torch::Tensor y =
      torch::arange(height).view({height, 1, 1}) * 110 / std::max<int64_t>(height, 1);
  const torch::Tensor x =
      torch::arange(width).view({1, width, 1}) * 40 / std::max<int64_t>(width, 1);
  const torch::Tensor c = torch::arange(channels).view({1, 1, channels}) * 30;
  return (y + x + c).to(torch::kUInt8).contiguous();
}

struct JpegChoices {
  int quality = 90;
  bool progressive = false;
  bool cmyk = false;  ///< four channels, as Adobe writes them
};

/// A JPEG file of [H, W, 1, 3 or 4] bytes.
inline std::string jpeg_bytes(const torch::Tensor& picture, const JpegChoices& choices = {}) {
  jpeg_compress_struct info;
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* data = nullptr;
  unsigned long size = 0;  // NOLINT(google-runtime-int): libjpeg's own type
  jpeg_mem_dest(&info, &data, &size);
  info.image_height = static_cast<JDIMENSION>(picture.size(0));
  info.image_width = static_cast<JDIMENSION>(picture.size(1));
  info.input_components = static_cast<int>(picture.size(2));
  info.in_color_space = choices.cmyk ? JCS_CMYK : picture.size(2) == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, choices.quality, TRUE);
  if (choices.progressive) jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  const torch::Tensor dense = picture.contiguous();
  for (int64_t y = 0; y < picture.size(0); ++y) {
    JSAMPROW row = dense[y].data_ptr<uint8_t>();
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  std::string bytes(reinterpret_cast<const char*>(data), size);
  std::free(data);  // NOLINT(cppcoreguidelines-no-malloc): libjpeg took it from malloc
  return bytes;
}

struct PngChoices {
  int colour = PNG_COLOR_TYPE_RGB;
  int bits = 8;
  bool interlaced = false;
  std::vector<png_color> palette;
  std::vector<uint8_t> palette_alpha;
};

/// A PNG file out of rows as PNG stores them: [H, bytes of a row].
inline std::string png_bytes(const torch::Tensor& rows, int64_t width, const PngChoices& choices) {
  std::string bytes;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  const auto append = [](png_structp self, png_bytep data, size_t size) {
    static_cast<std::string*>(png_get_io_ptr(self))->append(reinterpret_cast<char*>(data), size);
  };
  png_set_write_fn(png, &bytes, append, [](png_structp) {});
  png_set_IHDR(png,
               info,
               static_cast<png_uint_32>(width),
               static_cast<png_uint_32>(rows.size(0)),
               choices.bits,
               choices.colour,
               choices.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  if (!choices.palette.empty()) {
    png_set_PLTE(png, info, choices.palette.data(), static_cast<int>(choices.palette.size()));
  }
  if (!choices.palette_alpha.empty()) {
    png_set_tRNS(png,
                 info,
                 choices.palette_alpha.data(),
                 static_cast<int>(choices.palette_alpha.size()),
                 nullptr);
  }
  std::vector<png_bytep> pointers;
  const torch::Tensor dense = rows.contiguous();
  for (int64_t y = 0; y < rows.size(0); ++y) pointers.push_back(dense[y].data_ptr<uint8_t>());
  png_write_info(png, info);
  png_write_image(png, pointers.data());
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return bytes;
}

}  // namespace mixwright::test
