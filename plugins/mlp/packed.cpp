#include "packed.h"

#include <utility>

namespace mixwright::mlp {

namespace {

class AlongTokens final : public AddingLayer {
 public:
  AlongTokens(int64_t tokens, LayerPtr layers) : tokens_(tokens), layers_(std::move(layers)) {}

  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override {
    return transposed(mixed(x, context)).view(x.sizes());
  }
  torch::Tensor added_to(const torch::Tensor& sum,
                         const torch::Tensor& x,
                         const Context& context) override {
    return plus_transposed(sum, mixed(x, context));
  }

 private:
  /// [B, *grid, C] -> [B, N, C] -> [B, C, N]
  torch::Tensor mixed(const torch::Tensor& x, const Context& context) {
    return run(layers_, transposed(TokenAxis::open(x, tokens_)), context);
  }

  int64_t tokens_;
  LayerPtr layers_;
};

}  // namespace

template <>
LayerPtr packed<TokenAxis>(const std::vector<LayerPtr>& layers,
                           const Shape& shape,
                           const Surroundings& around) {
  if (!around.empty()) return nullptr;
  const LayerPtr inner = fused(layers);
  if (!inner) return nullptr;
  auto form = std::make_shared<AlongTokens>(shape.tokens(), inner);
  form->set_out_shape(shape);
  form->eval();
  return form;
}

template <>
LayerPtr packed<ChannelAxis>(const std::vector<LayerPtr>& layers,
                             const Shape&,
                             const Surroundings& around) {
  return fused(layers, around);
}

LayerPtr product(const torch::Tensor& weight, const torch::Tensor& bias, const Shape& shape) {
  return as_layer(weight, bias, shape.with_channels(weight.size(0)));
}

}  // namespace mixwright::mlp
