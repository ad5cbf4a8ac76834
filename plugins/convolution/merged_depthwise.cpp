#include "merged_depthwise.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <mixwright/inference.h>

namespace mixwright::convolution {

namespace {

torch::Tensor per_channel(const torch::Tensor& values, const torch::Tensor& weight) {
  std::vector<int64_t> sizes(static_cast<size_t>(weight.dim()), 1);
  sizes[0] = values.size(0);
  return values.view(sizes);  // [out] -> [out, 1, 1, …]
}

/// Zeros [out, 1, *kernel].
torch::Tensor empty_weight(int64_t out, const std::vector<int64_t>& kernel) {
  std::vector<int64_t> shape = {out, 1};
  shape.insert(shape.end(), kernel.begin(), kernel.end());
  return torch::zeros(shape, torch::kFloat64);
}

/// Where a kernel lies in a larger one, a view: their padding, (k - 1) / 2 in front, looks at the
/// same places.
torch::Tensor place_of(const std::vector<int64_t>& kernel, const torch::Tensor& weight) {
  torch::Tensor inner = weight;
  for (size_t i = 0; i < kernel.size(); ++i) {
    const auto dimension = static_cast<int64_t>(i) + 2;
    const int64_t front = (weight.size(dimension) - 1) / 2 - (kernel[i] - 1) / 2;
    inner = inner.narrow(dimension, front, kernel[i]);
  }
  return inner;
}

}  // namespace

DepthwiseSum::DepthwiseSum(ConvolutionSizes sizes, const torch::TensorOptions& options)
    : sizes_(std::move(sizes)), options_(options.requires_grad(false)) {
  weight_ = empty_weight(sizes_.out, sizes_.kernel);
  bias_ = torch::zeros({sizes_.out}, torch::kFloat64);
}

std::optional<ChannelMap> DepthwiseSum::map_of(const LayerPtr& norm) const {
  return channel_map(norm, sizes_.out, static_cast<int64_t>(sizes_.kernel.size()), options_);
}

void DepthwiseSum::widen(const std::vector<int64_t>& kernel) {
  std::vector<int64_t> wider = sizes_.kernel;
  for (size_t i = 0; i < wider.size(); ++i) wider[i] = std::max(wider[i], kernel[i]);
  if (wider == sizes_.kernel) return;
  const torch::Tensor before = weight_;
  weight_ = empty_weight(sizes_.out, wider);
  place_of(sizes_.kernel, weight_).copy_(before);
  sizes_.kernel = wider;
}

bool DepthwiseSum::add(const GridConvolution& conv, const LayerPtr& norm) {
  const auto map = map_of(norm);
  if (!map) return false;
  widen(conv->sizes().kernel);
  const torch::Tensor weight = conv->weight.detach().to(torch::kFloat64).cpu();
  place_of(conv->sizes().kernel, weight_).add_(weight * per_channel(map->scale, weight));
  if (conv->bias.defined()) bias_ += conv->bias.detach().to(torch::kFloat64).cpu() * map->scale;
  bias_ += map->shift;
  return true;
}

void DepthwiseSum::add_identity() {
  torch::Tensor centre = weight_;
  for (const int64_t size : sizes_.kernel) centre = centre.select(2, (size - 1) / 2);
  centre += 1;
}

bool DepthwiseSum::apply(const LayerPtr& norm) {
  const auto map = map_of(norm);
  if (!map) return false;
  weight_ *= per_channel(map->scale, weight_);
  bias_ = bias_ * map->scale + map->shift;
  return true;
}

LayerPtr DepthwiseSum::merged(const Shape& out_shape, const Surroundings& around) const {
  ConvolutionSizes sizes = sizes_;
  sizes.padding.clear();  // (kernel - 1) / 2 of the kernel that it has become
  const GridConvolution conv(sizes, weight_.to(options_), bias_.to(options_));
  return as_layer(conv, out_shape)->for_inference_within(around);
}

}  // namespace mixwright::convolution
