#include "random_crop.h"

#include <algorithm>
#include <cstdlib>

#include <mixwright/error.h>

torch::Tensor RandomCrop::apply(const torch::Tensor& sample,
                                mixwright::SampleRandom& random) const {
  torch::Tensor moved = sample;
  for (int64_t dim = 0; dim + 1 < sample.dim(); ++dim) {
    moved = move(moved, dim, random.integer(-options_.padding, options_.padding));
  }
  return moved;
}

// out[i] = sample[i + by] along `dim`, and the border where that lies outside.
torch::Tensor RandomCrop::move(const torch::Tensor& sample, int64_t dim, int64_t by) const {
  const int64_t size = sample.size(dim);
  if (options_.border == CropBorder::kZero) {
    torch::Tensor out = torch::zeros_like(sample);
    const int64_t kept = size - std::abs(by);
    if (kept > 0) {
      out.narrow(dim, std::max<int64_t>(0, -by), kept)
          .copy_(sample.narrow(dim, std::max<int64_t>(0, by), kept));
    }
    return out;
  }
  if (options_.padding >= size) {
    throw mixwright::Error("padding " + std::to_string(options_.padding) +
                           " cannot be reflected in " + std::to_string(size) +
                           " places; choose a smaller padding or border = \"zero\"");
  }
  torch::Tensor places = torch::empty({size}, torch::kInt64);
  auto* place = places.data_ptr<int64_t>();
  for (int64_t i = 0; i < size; ++i) {
    const int64_t from = std::abs(i + by);
    place[i] = from < size ? from : 2 * (size - 1) - from;
  }
  return sample.index_select(dim, places);
}
