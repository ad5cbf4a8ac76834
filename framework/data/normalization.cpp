#include "framework/data/normalization.h"

#include <array>

#include <mixwright/error.h>

namespace mixwright::data {

namespace {

constexpr size_t kBytes = 256;
using ByteTable = std::array<float, kBytes>;

double constant_of(const std::vector<double>& values, int64_t channel, double otherwise) {
  if (values.empty()) return otherwise;
  return values.size() == 1 ? values.front() : values[static_cast<size_t>(channel)];
}

void check(const std::vector<double>& values, const char* name, int64_t channels) {
  if (values.size() <= 1 || static_cast<int64_t>(values.size()) == channels) return;
  throw Error(std::string(name) + " has " + std::to_string(values.size()) +
              " values for samples of " + std::to_string(channels) +
              " channels; give one for each or one for all");
}

/// [channels], or a scalar.
torch::Tensor constants(const std::vector<double>& values, double otherwise) {
  return values.empty() ? torch::full({}, otherwise)
                        : torch::tensor(values, torch::kFloat64).to(torch::kFloat32);
}

/// What each byte becomes, in double until the last rounding.
std::vector<ByteTable> byte_tables(const DatasetInfo& info, int64_t channels) {
  std::vector<ByteTable> tables(static_cast<size_t>(channels));
  for (int64_t c = 0; c < channels; ++c) {
    const double mean = constant_of(info.mean, c, 0.0);
    const double std = constant_of(info.std, c, 1.0);
    for (size_t value = 0; value < kBytes; ++value) {
      tables[static_cast<size_t>(c)][value] =
          static_cast<float>((static_cast<double>(value) / 255.0 - mean) / std);
    }
  }
  return tables;
}

torch::Tensor from_bytes(const torch::Tensor& bytes, const DatasetInfo& info) {
  const int64_t channels = bytes.size(-1);
  const std::vector<ByteTable> tables = byte_tables(info, channels);
  torch::Tensor result = torch::empty(bytes.sizes(), torch::kFloat32);
  const torch::Tensor dense = bytes.contiguous();
  const uint8_t* in = dense.const_data_ptr<uint8_t>();
  float* out = result.data_ptr<float>();
  const int64_t pixels = dense.numel() / channels;
  for (int64_t i = 0; i < pixels; ++i) {
    for (int64_t c = 0; c < channels; ++c) *out++ = tables[static_cast<size_t>(c)][*in++];
  }
  return result;
}

}  // namespace

torch::Tensor normalised(const torch::Tensor& inputs, const DatasetInfo& info) {
  const bool bytes = inputs.scalar_type() == torch::kUInt8;
  const bool plain = info.mean.empty() && info.std.empty();
  if (!bytes && (plain || !inputs.is_floating_point())) return inputs;
  const int64_t channels = inputs.size(-1);
  check(info.mean, "mean", channels);
  check(info.std, "std", channels);
  for (const double value : info.std) {
    if (!(value > 0)) throw Error("std has " + std::to_string(value) + "; above 0 expected");
  }
  if (bytes && inputs.numel() > 0) return from_bytes(inputs, info);
  return (inputs.to(torch::kFloat32) - constants(info.mean, 0.0)) / constants(info.std, 1.0);
}

torch::Tensor renormalised(const torch::Tensor& inputs,
                           const DatasetInfo& from,
                           const DatasetInfo& to) {
  if (!inputs.is_floating_point() || (from.mean == to.mean && from.std == to.std)) return inputs;
  const auto on_device = [&](const std::vector<double>& values, double otherwise) {
    return constants(values, otherwise).to(inputs.device());
  };
  const torch::Tensor values = inputs * on_device(from.std, 1.0) + on_device(from.mean, 0.0);
  return (values - on_device(to.mean, 0.0)) / on_device(to.std, 1.0);
}

}  // namespace mixwright::data
