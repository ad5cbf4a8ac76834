#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <mixwright/export.h>
#include <mixwright/options.h>

namespace mixwright {

enum class PictureFormat { kJpeg, kPng };

/// What the header of a picture file says.
struct MIXWRIGHT_API PictureInfo {
  PictureFormat format = PictureFormat::kJpeg;
  int64_t height = 0;
  int64_t width = 0;
};

/// A rectangle of a picture, in pixels.
struct MIXWRIGHT_API PictureBox {
  int64_t top = 0;
  int64_t left = 0;
  int64_t height = 0;
  int64_t width = 0;
  bool operator==(const PictureBox&) const = default;
};

/// How a picture is to be read.
struct MIXWRIGHT_API PictureOptions {
  int64_t channels = 3;            ///< 3: red, green, blue; 1: gray
  std::optional<PictureBox> crop;  ///< within the picture at its full size
  /// A JPEG may come at a half, a quarter or an eighth of its size, as long as both sides of what
  /// comes are at least this: faster, and slightly other pixels than decoded in full and resized.
  /// 0: full size, always.
  int64_t least_side = 0;
  int64_t most_pixels = 100'000'000;  ///< pictures with more are refused
  /// What comes, `crop` of the stored picture, is turned as EXIF's orientation of a JPEG says, so
  /// that a telephone's photo stands upright. An orientation that cannot be read is none.
  bool upright = false;
};

// Pictures out of JPEG and PNG files, as bytes [H, W, C].
//
// The first bytes tell the format, not the file's name. Sizes are held against `most_pixels` and
// against what a file of that length can hold before anything is allocated. What is damaged or cut
// off is refused, also where the libraries only warn and would fill the rest with grey.
//
// Values are as stored: gamma, colour profiles and, unless `upright` is set, EXIF's orientation are
// left alone, as PIL and torchvision do. 16 bits are rounded to 8. Palettes are looked up.
// Transparent pixels are laid over white (PIL's convert("RGB") drops alpha and shows what lies
// beneath). CMYK becomes R = C K / 255 and so on, inverted as Adobe writes it. Gray is the Y of a
// JPEG, else 0.299 R + 0.587 G + 0.114 B.
//
// Throws: mixwright::Error that begins with the file's name and is one line.
// Thread: all functions may be called from several threads at once.

/// Bytes of a whole file, at most 1 GB of it.
MIXWRIGHT_API std::vector<uint8_t> read_picture_bytes(const std::string& path);

/// Format and size, from the header alone; `name` is for errors.
MIXWRIGHT_API PictureInfo picture_info(std::span<const uint8_t> bytes, const std::string& name);
/// The same of a file, of which no more is read than it takes.
MIXWRIGHT_API PictureInfo read_picture_info(const std::string& path);

/// The picture, or `crop` of it: [H, W, C] bytes, contiguous.
MIXWRIGHT_API torch::Tensor decode_picture(std::span<const uint8_t> bytes,
                                           const std::string& name,
                                           const PictureOptions& options = {});
MIXWRIGHT_API torch::Tensor read_picture(const std::string& path,
                                         const PictureOptions& options = {});

/// How pixels between others are made.
enum class PictureInterpolation { kBilinear, kBicubic };

MIXWRIGHT_CHOICES(PictureInterpolation,
                  choice("bilinear", PictureInterpolation::kBilinear),
                  choice("bicubic", PictureInterpolation::kBicubic))

/// With antialiasing, torchvision's and PIL's way. [H, W, C] bytes -> [height, width, C].
MIXWRIGHT_API torch::Tensor resize_picture(
    const torch::Tensor& picture,
    int64_t height,
    int64_t width,
    PictureInterpolation interpolation = PictureInterpolation::kBilinear);

/// The shorter side made `shorter_side`, then `size` x `size` of the centre: torchvision's Resize
/// and CenterCrop, rounded as there. `size` is at most `shorter_side`.
MIXWRIGHT_API torch::Tensor resize_and_crop(const torch::Tensor& picture,
                                            int64_t shorter_side,
                                            int64_t size);
MIXWRIGHT_API torch::Tensor resize_and_crop(const torch::Tensor& picture,
                                            int64_t shorter_side,
                                            int64_t size,
                                            PictureInterpolation interpolation);

/// A dataset that resizes its pictures otherwise than bilinearly. It derives from it beside
/// Dataset, so that a picture which is not the dataset's becomes a sample in the same way.
class MIXWRIGHT_API ResizesPictures {
 public:
  virtual ~ResizesPictures();
  virtual PictureInterpolation interpolation() const = 0;
};

/// Writes bytes [H, W, C], C = 1 or 3, as a PNG file.
MIXWRIGHT_API void write_png(const std::string& path, const torch::Tensor& picture);

}  // namespace mixwright
