#include "byte_picture.h"

#include <sstream>
#include <string>

#include <mixwright/error.h>

namespace picture {

namespace {

constexpr double kLevels = 255.0;
// Resizing may leave 0 to 1 by a rounding error; half a level is still rounded to a byte.
constexpr double kSlack = 0.5 / kLevels;

void check_values(const torch::Tensor& sample, const char* transform) {
  const auto low = sample.min().item<double>();
  const auto high = sample.max().item<double>();
  if (low >= -kSlack && high <= 1.0 + kSlack) return;  // false for NaN
  std::ostringstream text;
  text << transform << " needs bytes or floats in 0 to 1, got values from " << low << " to " << high
       << "; let the dataset give them before normalisation";
  throw mixwright::Error(text.str());
}

}  // namespace

torch::Tensor bytes_of(const torch::Tensor& sample, const char* transform) {
  const bool bytes = sample.scalar_type() == torch::kUInt8;
  if (sample.dim() != 3 || (sample.size(2) != 1 && sample.size(2) != 3) || sample.numel() == 0 ||
      (!bytes && !sample.is_floating_point())) {
    std::ostringstream text;
    text << transform << " needs pictures [height, width, 1 or 3] of bytes or floats, got "
         << c10::toString(sample.scalar_type()) << ' ' << sample.sizes()
         << "; leave it out of train.transforms for this dataset";
    throw mixwright::Error(text.str());
  }
  if (bytes) return sample.contiguous();
  check_values(sample, transform);
  return sample.mul(kLevels).round_().clamp_(0, kLevels).to(torch::kUInt8).contiguous();
}

torch::Tensor in_type_of(const torch::Tensor& sample, const torch::Tensor& bytes) {
  if (sample.scalar_type() == torch::kUInt8) return bytes;
  return bytes.to(sample.scalar_type()).div_(kLevels);
}

}  // namespace picture
