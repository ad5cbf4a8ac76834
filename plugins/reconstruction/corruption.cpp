#include "corruption.h"

#include <cmath>

#include <mixwright/error.h>

namespace {

/// Hides the first or the last places of an axis.
void hide_stretch(torch::Tensor& sample, int64_t axis, double share, bool from_the_end) {
  if (axis >= sample.dim() - 1) {
    throw mixwright::Error(
        "hide = \"left\" or \"right\" is along the second axis of the grid, and " +
        mixwright::list_text(sample.sizes().vec()) +
        " has none; say \"upper\", \"lower\" or \"random\"");
  }
  const int64_t size = sample.size(axis);
  const auto hidden = static_cast<int64_t>(std::lround(share * static_cast<double>(size)));
  sample.narrow(axis, from_the_end ? size - hidden : 0, hidden).zero_();
}

void hide_at_random(torch::Tensor& sample, double share, mixwright::SampleRandom& random) {
  torch::Tensor places = sample.view({-1, sample.size(-1)});  // [*grid, C] -> [places, C]
  for (int64_t i = 0; i < places.size(0); ++i) {
    if (random.chance(share)) places[i].zero_();
  }
}

}  // namespace

void add_noise(torch::Tensor& sample, double deviation, mixwright::SampleRandom& random) {
  torch::Tensor noise = torch::empty(sample.sizes(), torch::kFloat32);
  auto* values = noise.data_ptr<float>();
  for (int64_t i = 0; i < noise.numel(); ++i) {
    values[i] = static_cast<float>(deviation * random.normal());
  }
  sample.add_(noise);
}

void hide(torch::Tensor& sample, Hidden where, double share, mixwright::SampleRandom& random) {
  switch (where) {
    case Hidden::kNothing:
      return;
    case Hidden::kUpper:
      return hide_stretch(sample, 0, share, /*from_the_end=*/false);
    case Hidden::kLower:
      return hide_stretch(sample, 0, share, /*from_the_end=*/true);
    case Hidden::kLeft:
      return hide_stretch(sample, 1, share, /*from_the_end=*/false);
    case Hidden::kRight:
      return hide_stretch(sample, 1, share, /*from_the_end=*/true);
    case Hidden::kRandom:
      return hide_at_random(sample, share, random);
  }
}
