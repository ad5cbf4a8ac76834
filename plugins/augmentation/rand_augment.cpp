#include "rand_augment.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <mixwright/error.h>

#include "byte_picture.h"

RandAugment::RandAugment(const Options& options) : options_(options) {
  if (options.magnitude < options.bins) return;
  throw mixwright::Error("magnitude = " + std::to_string(options.magnitude) + ": 0 to " +
                         std::to_string(options.bins - 1) +
                         " expected, below bins; choose a smaller magnitude or more bins");
}

torch::Tensor RandAugment::apply(const torch::Tensor& sample,
                                 mixwright::SampleRandom& random) const {
  torch::Tensor bytes = picture::bytes_of(sample, "rand_augment");
  const picture::Sampling sampling{options_.interpolation, static_cast<double>(options_.fill)};
  for (int64_t i = 0; i < options_.operations; ++i) {
    if (options_.probability < 1 && !random.chance(options_.probability)) continue;
    const picture::Drawn drawn = draw(sample.size(0), sample.size(1), random);
    bytes = drawn.operation->apply(bytes, drawn.magnitude, sampling);
  }
  return picture::in_type_of(sample, bytes);
}

picture::Drawn RandAugment::draw(int64_t height,
                                 int64_t width,
                                 mixwright::SampleRandom& random) const {
  const auto all = picture::operations();
  const picture::Operation& one =
      all[static_cast<size_t>(random.integer(0, static_cast<int64_t>(all.size()) - 1))];
  return picture::with_sign(
      one, one.rand_augment.at(draw_magnitude(random), options_.bins, height, width), random);
}

int64_t RandAugment::draw_magnitude(mixwright::SampleRandom& random) const {
  if (options_.magnitude_std == 0) return options_.magnitude;
  const double drawn =
      static_cast<double>(options_.magnitude) + options_.magnitude_std * random.normal();
  const auto highest = static_cast<double>(options_.bins - 1);
  return std::lround(std::clamp(drawn, 0.0, highest));
}
