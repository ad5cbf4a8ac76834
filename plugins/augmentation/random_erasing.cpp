#include "random_erasing.h"

#include <cmath>
#include <string>
#include <vector>

#include <mixwright/error.h>

namespace {

constexpr int kTries = 10;

void check_range(const char* lower, double low, const char* upper, double high) {
  if (low <= high) return;
  throw mixwright::Error(std::string(lower) + " = " + std::to_string(low) + " is above " + upper +
                         " = " + std::to_string(high) + "; exchange them");
}

}  // namespace

RandomErasing::RandomErasing(const Options& options) : options_(options) {
  check_range("min_area", options.min_area, "max_area", options.max_area);
  check_range("min_aspect", options.min_aspect, "max_aspect", options.max_aspect);
}

void RandomErasing::apply_to_batch(mixwright::Batch& batch, mixwright::SampleRandom& random) const {
  if (!batch.inputs.is_floating_point() || batch.inputs.dim() != 4) {
    throw mixwright::Error(
        "random_erasing needs pictures [batch, height, width, channels] of "
        "floats, got " +
        std::string(c10::toString(batch.inputs.scalar_type())) + " of rank " +
        std::to_string(batch.inputs.dim()) + "; leave it out of train.transforms for this dataset");
  }
  const uint64_t batch_seed = random.bits();
  torch::Tensor erased;  // a copy, made when the first sample needs it
  for (int64_t i = 0; i < batch.inputs.size(0); ++i) {
    mixwright::SampleRandom own(batch_seed, 0, static_cast<uint64_t>(i));
    if (!own.chance(options_.probability)) continue;
    if (!erased.defined()) erased = batch.inputs.clone();
    erase(erased[i], own);
  }
  if (erased.defined()) batch.inputs = erased;
}

std::optional<RandomErasing::Size> RandomErasing::rectangle(Size picture,
                                                            double area_share,
                                                            double log_aspect) {
  const double area = area_share * static_cast<double>(picture.height * picture.width);
  const double aspect = std::exp(log_aspect);
  const Size size{static_cast<int64_t>(std::nearbyint(std::sqrt(area * aspect))),
                  static_cast<int64_t>(std::nearbyint(std::sqrt(area / aspect)))};
  if (size.height >= picture.height || size.width >= picture.width) return std::nullopt;
  return size;
}

void RandomErasing::erase(const torch::Tensor& picture, mixwright::SampleRandom& random) const {
  const Size whole{picture.size(0), picture.size(1)};
  for (int i = 0; i < kTries; ++i) {
    const double share = random.uniform(options_.min_area, options_.max_area);
    const double log_aspect =
        random.uniform(std::log(options_.min_aspect), std::log(options_.max_aspect));
    const std::optional<Size> size = rectangle(whole, share, log_aspect);
    if (!size) continue;
    const int64_t top = random.integer(0, whole.height - size->height);
    const int64_t left = random.integer(0, whole.width - size->width);
    picture.narrow(0, top, size->height)
        .narrow(1, left, size->width)
        .copy_(filling(*size, picture.size(2), random));
    return;
  }
}

torch::Tensor RandomErasing::filling(Size size,
                                     int64_t channels,
                                     mixwright::SampleRandom& random) const {
  if (options_.fill == ErasingFill::kConstant) return torch::full({}, options_.value);
  torch::Tensor noise = torch::empty({size.height, size.width, channels}, torch::kFloat32);
  auto* values = noise.data_ptr<float>();
  for (int64_t i = 0; i < noise.numel(); ++i) values[i] = static_cast<float>(random.normal());
  return noise;
}
