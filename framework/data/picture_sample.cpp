#include "framework/data/picture_sample.h"

#include <algorithm>
#include <cmath>

#include <mixwright/error.h>
#include <mixwright/picture.h>

namespace mixwright::data {

namespace {

/// The centre of a picture, [height, width, C].
torch::Tensor centre_of(const torch::Tensor& picture, int64_t height, int64_t width) {
  return picture.narrow(0, (picture.size(0) - height) / 2, height)
      .narrow(1, (picture.size(1) - width) / 2, width)
      .contiguous();
}

/// Fits samples that are no squares: `scale` times the sample is covered, then cut.
torch::Tensor covering(const torch::Tensor& picture, const SampleFacts& info, double scale) {
  const int64_t height = info.input.grid[0];
  const int64_t width = info.input.grid[1];
  const auto tall = static_cast<double>(picture.size(0));
  const auto wide = static_cast<double>(picture.size(1));
  const double factor = std::max(static_cast<double>(height) * scale / tall,
                                 static_cast<double>(width) * scale / wide);
  const auto side = [&](double own, int64_t least) {
    return std::max(least, static_cast<int64_t>(std::nearbyint(own * factor)));
  };
  const torch::Tensor resized =
      resize_picture(picture, side(tall, height), side(wide, width), info.interpolation);
  return centre_of(resized, height, width);
}

}  // namespace

SampleFacts::SampleFacts(const Dataset& dataset) : DatasetInfo(dataset.info()) {
  const auto* resizes = dynamic_cast<const ResizesPictures*>(&dataset);
  if (resizes != nullptr) interpolation = resizes->interpolation();
}

bool are_pictures(const DatasetInfo& info) {
  const Shape& shape = info.input;
  return info.vocabulary == 0 && shape.rank() == 2 && (shape.channels == 1 || shape.channels == 3);
}

torch::Tensor fitted_picture(const torch::Tensor& picture, const SampleFacts& info) {
  const int64_t height = info.input.grid[0];
  const int64_t width = info.input.grid[1];
  const int64_t shorter = std::min(height, width);
  const int64_t resize = std::max(info.resize, shorter);
  if (height == width) return resize_and_crop(picture, resize, height, info.interpolation);
  return covering(picture, info, static_cast<double>(resize) / static_cast<double>(shorter));
}

torch::Tensor picture_sample(std::span<const uint8_t> file,
                             const std::string& name,
                             const SampleFacts& info,
                             bool invert) {
  PictureOptions options;
  options.channels = info.input.channels;
  options.upright = true;
  const torch::Tensor picture = decode_picture(file, name, options);
  torch::Tensor sample;
  try {
    sample = fitted_picture(picture, info);
  } catch (const Error& error) {
    throw Error(name + ": " + error.what());
  }
  return invert ? sample.bitwise_not() : sample;
}

}  // namespace mixwright::data
