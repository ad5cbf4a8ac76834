#include "trivial_augment.h"

#include "byte_picture.h"

torch::Tensor TrivialAugment::apply(const torch::Tensor& sample,
                                    mixwright::SampleRandom& random) const {
  const torch::Tensor bytes = picture::bytes_of(sample, "trivial_augment");
  const picture::Sampling sampling{options_.interpolation, static_cast<double>(options_.fill)};
  const picture::Drawn drawn = draw(sample.size(0), sample.size(1), random);
  return picture::in_type_of(sample, drawn.operation->apply(bytes, drawn.magnitude, sampling));
}

picture::Drawn TrivialAugment::draw(int64_t height,
                                    int64_t width,
                                    mixwright::SampleRandom& random) const {
  const auto all = picture::operations();
  const picture::Operation& one =
      all[static_cast<size_t>(random.integer(0, static_cast<int64_t>(all.size()) - 1))];
  const int64_t level = random.integer(0, options_.bins - 1);
  return picture::with_sign(
      one, one.trivial_augment.at(level, options_.bins, height, width), random);
}
