#include <cmath>

#include <mixwright/error.h>
#include <mixwright/picture.h>
#include <mixwright/shape.h>

namespace mixwright {

namespace {

constexpr int64_t kMostPixels = 100'000'000;

void check(const torch::Tensor& picture, int64_t height, int64_t width) {
  if (picture.dim() != 3 || picture.scalar_type() != torch::kUInt8 || picture.numel() == 0) {
    throw Error(std::string("resizing: a picture of bytes [H, W, C] expected, got ") +
                c10::toString(picture.scalar_type()) + " " + list_text(picture.sizes().vec()));
  }
  // Of a strip 1 pixel high, its shorter side made 224, gigabytes would come.
  if (height < 1 || width < 1 || height > kMostPixels / width) {
    throw Error("resizing: a picture of " + std::to_string(picture.size(1)) + " x " +
                std::to_string(picture.size(0)) + " pixels cannot become " + std::to_string(width) +
                " x " + std::to_string(height) + "; at most " + std::to_string(kMostPixels) +
                " pixels expected");
  }
}

torch::Tensor resized_bilinear(const torch::Tensor& planes, int64_t height, int64_t width) {
  return at::_upsample_bilinear2d_aa(planes, {height, width}, /*align_corners=*/false);
}

torch::Tensor resized_bicubic(const torch::Tensor& planes, int64_t height, int64_t width) {
  return at::_upsample_bicubic2d_aa(planes, {height, width}, /*align_corners=*/false);
}

}  // namespace

torch::Tensor resize_picture(const torch::Tensor& picture,
                             int64_t height,
                             int64_t width,
                             PictureInterpolation interpolation) {
  check(picture, height, width);
  if (picture.size(0) == height && picture.size(1) == width) return picture;
  // [H, W, C] -> [1, C, H, W] in channels_last, which the kernel works on as it lies; a batch
  // dimension put on afterwards has another stride, and it would copy there and back.
  const torch::Tensor planes = picture.contiguous().unsqueeze(0).permute({0, 3, 1, 2});
  const bool cubic = interpolation == PictureInterpolation::kBicubic;
  const auto resize = cubic ? &resized_bicubic : &resized_bilinear;
  return resize(planes, height, width)
      .permute({0, 2, 3, 1})  // [1, C, height, width] -> [1, height, width, C]
      .squeeze(0)
      .contiguous();
}

ResizesPictures::~ResizesPictures() = default;

torch::Tensor resize_and_crop(const torch::Tensor& picture, int64_t shorter_side, int64_t size) {
  return resize_and_crop(picture, shorter_side, size, PictureInterpolation::kBilinear);
}

torch::Tensor resize_and_crop(const torch::Tensor& picture,
                              int64_t shorter_side,
                              int64_t size,
                              PictureInterpolation interpolation) {
  if (size < 1 || size > shorter_side) {
    throw Error("a crop of " + std::to_string(size) + " x " + std::to_string(size) +
                " out of a picture whose shorter side is " + std::to_string(shorter_side));
  }
  const bool upright = picture.size(0) > picture.size(1);
  const auto shorter = static_cast<double>(picture.size(upright ? 1 : 0));
  const auto longer = static_cast<double>(picture.size(upright ? 0 : 1));
  const auto longer_side =
      static_cast<int64_t>(static_cast<double>(shorter_side) * longer / shorter);
  const torch::Tensor resized = resize_picture(picture,
                                               upright ? longer_side : shorter_side,
                                               upright ? shorter_side : longer_side,
                                               interpolation);
  // Halves go to the even number, as Python rounds.
  const auto start = [&](int64_t side) {
    return static_cast<int64_t>(std::nearbyint(static_cast<double>(side - size) / 2.0));
  };
  return resized.narrow(0, start(resized.size(0)), size)
      .narrow(1, start(resized.size(1)), size)
      .contiguous();
}

}  // namespace mixwright
