#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <mixwright/dataset.h>
#include <mixwright/picture.h>

namespace mixwright::data {

/// A dataset's description, with what only some datasets say.
struct SampleFacts : DatasetInfo {
  SampleFacts() = default;
  SampleFacts(const DatasetInfo& info) : DatasetInfo(info) {}  // NOLINT(*-explicit-*): it is one
  explicit SampleFacts(const Dataset& dataset);
  PictureInterpolation interpolation = PictureInterpolation::kBilinear;
};

/// Whether samples are pictures that a file can be: [H, W, 1 or 3].
bool are_pictures(const DatasetInfo& info);

/// A picture as a sample: scaled so that its shorter side becomes `info.resize` (0: as small as
/// covers the sample), of which the centre is cut out. One of the sample's size stays as it is
/// where `resize` is 0.
/// Shape: bytes [H, W, C] -> [*grid, C].
/// Throws: mixwright::Error where the picture is so long a strip that scaling it takes too much.
torch::Tensor fitted_picture(const torch::Tensor& picture, const SampleFacts& info);

/// A JPEG or PNG file as a sample: stood upright as its EXIF data say, gray or coloured as the
/// samples are, then fitted. `invert`: bright for dark, for a drawing on paper where the data are
/// bright on black. `info` is one of are_pictures.
/// Shape: -> bytes [*grid, channels].
/// Throws: mixwright::Error that begins with `name` for a file that cannot be read.
torch::Tensor picture_sample(std::span<const uint8_t> file,
                             const std::string& name,
                             const SampleFacts& info,
                             bool invert);

}  // namespace mixwright::data
