#pragma once

#include <vector>

#include <mixwright/options.h>
#include <mixwright/picture.h>
#include <mixwright/random.h>

struct RandomResizedCropOptions {
  std::vector<double> scale{0.08, 1.0};
  std::vector<double> ratio{3.0 / 4.0, 4.0 / 3.0};
  mixwright::PictureInterpolation interpolation = mixwright::PictureInterpolation::kBilinear;
};

MIXWRIGHT_OPTIONS(RandomResizedCropOptions,
                  field("scale", &RandomResizedCropOptions::scale)
                      .at_least(1e-6)
                      .at_most(1)
                      .doc("lowest and highest share of the picture's area"),
                  field("ratio", &RandomResizedCropOptions::ratio)
                      .at_least(1e-3)
                      .at_most(1e3)
                      .doc("lowest and highest width / height"),
                  field("interpolation", &RandomResizedCropOptions::interpolation)
                      .doc("how the crop is brought to its size"))

/// The box of a random crop that is then resized: area = U(scale) H W, log(width / height) =
/// U(log ratio), at a uniform place. After ten boxes that do not fit, the largest one in the centre
/// whose ratio is within the bounds.
///
/// Source: C. Szegedy et al., 2014, arXiv:1409.4842, section 6; constants and the fall-back are
/// torchvision's RandomResizedCrop.
mixwright::PictureBox random_resized_crop(int64_t height,
                                          int64_t width,
                                          const RandomResizedCropOptions& options,
                                          mixwright::SampleRandom& random);

/// Throws: mixwright::BuildError where a pair of bounds is none.
void check_bounds(const RandomResizedCropOptions& options);
