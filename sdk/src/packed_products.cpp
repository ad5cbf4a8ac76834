#include <utility>
#include <vector>

#include <mixwright/inference.h>

#include "onednn_products.h"
#include "row_products.h"
#include "tensor_values.h"

namespace mixwright {

namespace {

/// [out] -> [out, 1, 1, …], of as many dimensions as `weight`.
torch::Tensor per_output(const torch::Tensor& values, const torch::Tensor& weight) {
  std::vector<int64_t> sizes(static_cast<size_t>(weight.dim()), 1);
  sizes[0] = values.size(0);
  return values.view(sizes);
}

/// [in] -> [out, in / groups, 1, …]: for every weight, the value of the channel that it looks at.
torch::Tensor per_input(const torch::Tensor& values, const torch::Tensor& weight, int64_t groups) {
  torch::Tensor rows = values.view({groups, -1});  // [groups, in / groups]
  rows = rows.repeat_interleave(weight.size(0) / groups, 0);
  std::vector<int64_t> sizes(static_cast<size_t>(weight.dim()), 1);
  sizes[0] = rows.size(0);
  sizes[1] = rows.size(1);
  return rows.view(sizes);
}

struct Weights {
  torch::Tensor weight;
  torch::Tensor bias;  // undefined: zero
};

/// Weights that do what stood before and after them, in the type and on the device of `weight`.
Weights folded(const torch::Tensor& weight,
               const torch::Tensor& bias,
               int64_t groups,
               const Surroundings& around) {
  if (!around.before && !around.after) {
    return {weight.detach().clone(), bias.defined() ? bias.detach().clone() : bias};
  }
  torch::Tensor w = in_float64(weight);
  torch::Tensor b = bias.defined() ? in_float64(bias) : torch::zeros({w.size(0)}, torch::kFloat64);
  if (around.before) {
    b = b + (w * per_input(around.before->shift, w, groups)).flatten(1).sum(1);
    w = w * per_input(around.before->scale, w, groups);
  }
  if (around.after) {
    w = w * per_output(around.after->scale, w);
    b = b * around.after->scale + around.after->shift;
  }
  return {w.to(weight.options()).detach(), b.to(weight.options()).detach()};
}

bool is_packable(const torch::Tensor& weight) {
  return weight.device().is_cpu() && weight.scalar_type() == torch::kFloat &&
         onednn::is_available();
}

torch::Tensor activated(const LayerPtr& activation, const torch::Tensor& y) {
  return run(activation, y, Context{});
}

onednn::PictureConvolution picture_sizes(const GridConvolution& conv) {
  const ConvolutionSizes& sizes = conv->sizes();
  onednn::PictureConvolution picture{sizes.padding, sizes.stride, conv->groups_in_use()};
  if (picture.padding.size() == 1) {  // a sequence is a picture of height 1
    picture.padding.insert(picture.padding.begin(), 0);
    picture.stride.insert(picture.stride.begin(), 1);
  }
  return picture;
}

}  // namespace

PackedLinear::PackedLinear(const torch::Tensor& weight,
                           const torch::Tensor& bias,
                           const Surroundings& around) {
  const Weights all = folded(weight, bias, 1, around);
  out_ = all.weight.size(0);
  in_ = all.weight.size(1);
  bias_ = all.bias;
  activation_ = around.activation;
  if (!is_packable(weight)) {
    weight_ = all.weight;
    return;
  }
  packed_ = onednn::pack_linear(all.weight);
  const std::string function = around.function();
  if (onednn::has_function(function)) {
    function_ = function;
    if (!function.empty()) activation_ = nullptr;
  }
}

torch::Tensor PackedLinear::operator()(const torch::Tensor& x) const {
  if (!packed_.defined()) return activated(activation_, torch::linear(x, weight_, bias_));
  // Autocast may hand over another type; the weights answer in their own.
  return activated(activation_, onednn::linear(x.to(torch::kFloat), packed_, bias_, function_));
}

torch::Tensor PackedLinear::added_to(const torch::Tensor& sum, const torch::Tensor& x) const {
  const bool alone = function_.empty() && !activation_;
  if (!packed_.defined() || !alone || sum.scalar_type() != torch::kFloat || !sum.is_contiguous()) {
    return sum + (*this)(x);
  }
  return onednn::linear_plus(sum, x.to(torch::kFloat), packed_, bias_);
}

PackedConvolution::PackedConvolution(const GridConvolution& conv, const Surroundings& around) {
  const Weights all = folded(conv->weight, conv->bias, conv->sizes().groups, around);
  conv_ = GridConvolution(*conv, all.weight, all.bias);
  activation_ = around.activation;
  const std::string function = around.function();
  if (!conv_->is_picture() || !is_packable(conv_->weight) || !onednn::has_function(function))
    return;
  function_ = function;
  if (!function.empty()) activation_ = nullptr;
  torch::Tensor picture = conv_->weight.detach();
  if (picture.dim() == 3) picture = picture.unsqueeze(2);
  packed_ = onednn::pack_convolution(picture, picture_sizes(conv_));
}

bool PackedConvolution::can_take(const GridConvolution& conv, const Surroundings& around) {
  // What lies outside of the grid is zero after the map that stands before, not its shift.
  if (!around.before || !around.before->shift.any().item<bool>()) return true;
  return !conv->is_padded();
}

torch::Tensor PackedConvolution::operator()(const torch::Tensor& x) const {
  if (!packed_.defined()) return activated(activation_, conv_.ptr()->forward(x));
  // [B, *grid, C] -> [B, C, *grid]
  torch::Tensor in = conv_->repeated_channels(x.to(torch::kFloat)).movedim(-1, 1);
  const bool sequence = in.dim() == 3;
  if (sequence) in = in.unsqueeze(2);
  torch::Tensor y = onednn::convolution(in, packed_, conv_->bias, picture_sizes(conv_), function_);
  if (sequence) y = y.squeeze(2);
  return activated(activation_, y.movedim(1, -1).contiguous());
}

torch::Tensor AddingLayer::add_to(const torch::Tensor& sum,
                                  const torch::Tensor& x,
                                  const Context& context) {
  return guarded([&] { return added_to(sum, x, context); });
}

torch::Tensor added(const torch::Tensor& sum,
                    const LayerPtr& layer,
                    const torch::Tensor& x,
                    const Context& context) {
  auto* adding = dynamic_cast<AddingLayer*>(layer.get());
  return adding != nullptr ? adding->add_to(sum, x, context) : sum + run(layer, x, context);
}

namespace {

/// A product that is done: it takes nothing more along.
class PackedConvolutionLayer final : public Layer {
 public:
  PackedConvolutionLayer(PackedConvolution product, const Shape& out_shape)
      : product_(std::move(product)) {
    set_out_shape(out_shape);
    eval();
  }
  torch::Tensor forward(const torch::Tensor& x) override { return product_(x); }

 private:
  PackedConvolution product_;
};

class LinearLayer final : public Layer {
 public:
  LinearLayer(torch::Tensor weight, torch::Tensor bias)
      : weight_(std::move(weight)), bias_(std::move(bias)) {}
  torch::Tensor forward(const torch::Tensor& x) override {
    return torch::linear(x, weight_, bias_);
  }
  LayerPtr for_inference_within(const Surroundings& around) override {
    return row_products({PackedLinear(weight_, bias_, around)}, out_shape());
  }

 private:
  torch::Tensor weight_;
  torch::Tensor bias_;
};

class ConvolutionLayer final : public Layer {
 public:
  explicit ConvolutionLayer(GridConvolution conv) : conv_(std::move(conv)) {}
  torch::Tensor forward(const torch::Tensor& x) override { return conv_(x); }
  LayerPtr for_inference_within(const Surroundings& around) override {
    if (!PackedConvolution::can_take(conv_, around)) return nullptr;
    return std::make_shared<PackedConvolutionLayer>(PackedConvolution(conv_, around), out_shape());
  }

 private:
  GridConvolution conv_;
};

}  // namespace

LayerPtr as_layer(const torch::Tensor& weight, const torch::Tensor& bias, const Shape& out_shape) {
  auto layer = std::make_shared<LinearLayer>(weight, bias);
  layer->set_out_shape(out_shape);
  layer->eval();
  return layer;
}

LayerPtr as_layer(const GridConvolution& conv, const Shape& out_shape) {
  auto layer = std::make_shared<ConvolutionLayer>(conv);
  layer->set_out_shape(out_shape);
  layer->eval();
  return layer;
}

}  // namespace mixwright
