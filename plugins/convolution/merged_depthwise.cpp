#include "merged_depthwise.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace mixwright::convolution {

namespace {

/// y = scale x + shift, for each channel.
struct ChannelMap {
  torch::Tensor scale;
  torch::Tensor shift;
};

/// What a norm does to features in evaluation, if that is all it does. It is asked about zeros,
/// ones and random numbers on a small grid.
std::optional<ChannelMap> channel_map(const LayerPtr& norm,
                                      const ConvolutionSizes& sizes,
                                      const torch::TensorOptions& options) {
  const auto in_float64 = torch::TensorOptions().dtype(torch::kFloat64);
  if (!norm) {
    return ChannelMap{torch::ones({sizes.out}, in_float64), torch::zeros({sizes.out}, in_float64)};
  }
  std::vector<int64_t> shape = {1};
  shape.insert(shape.end(), sizes.kernel.size(), 3);
  shape.push_back(sizes.out);
  const auto ask = [&](const torch::Tensor& x) {
    return run(norm, x, Context{}).to(torch::kFloat64).cpu();
  };
  const torch::Tensor shift = ask(torch::zeros(shape, options)).flatten(0, -2)[0];
  const torch::Tensor scale = ask(torch::ones(shape, options)).flatten(0, -2)[0] - shift;
  // Not of LibTorch's default generator: asking must not change what is drawn after it.
  const torch::Tensor x =
      torch::arange(torch::ones(shape).numel(), options).mul(0.7).sin().view(shape);
  const torch::Tensor expected = x.to(torch::kFloat64).cpu() * scale + shift;
  if (!torch::allclose(ask(x), expected, 1e-4, 1e-5)) return std::nullopt;
  return ChannelMap{scale, shift};
}

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

class MergedDepthwise final : public Layer {
 public:
  MergedDepthwise(ConvolutionSizes sizes, const Shape& out_shape)
      : conv_(register_module("conv", GridConvolution(std::move(sizes)))) {
    set_out_shape(out_shape);
  }
  torch::Tensor forward(const torch::Tensor& x) override { return conv_(x); }
  void fill(const torch::Tensor& weight, const torch::Tensor& bias) {
    conv_->weight.copy_(weight);
    conv_->bias.copy_(bias);
  }

 private:
  GridConvolution conv_;
};

}  // namespace

DepthwiseSum::DepthwiseSum(ConvolutionSizes sizes, const torch::TensorOptions& options)
    : sizes_(std::move(sizes)), options_(options.requires_grad(false)) {
  weight_ = empty_weight(sizes_.out, sizes_.kernel);
  bias_ = torch::zeros({sizes_.out}, torch::kFloat64);
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
  const auto map = channel_map(norm, conv->sizes(), options_);
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
  const auto map = channel_map(norm, sizes_, options_);
  if (!map) return false;
  weight_ *= per_channel(map->scale, weight_);
  bias_ = bias_ * map->scale + map->shift;
  return true;
}

LayerPtr DepthwiseSum::merged(const Shape& out_shape) const {
  ConvolutionSizes sizes = sizes_;
  sizes.bias = true;
  sizes.padding.clear();  // (kernel - 1) / 2 of the kernel that it has become
  auto layer = std::make_shared<MergedDepthwise>(std::move(sizes), out_shape);
  layer->to(options_.device(), options_.dtype().toScalarType());
  layer->fill(weight_, bias_);
  layer->eval();
  return layer;
}

}  // namespace mixwright::convolution
