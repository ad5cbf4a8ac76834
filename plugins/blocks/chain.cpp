#include "chain.h"

#include <mixwright/inference.h>

#include "shapes.h"

namespace mixwright::blocks {

namespace {

LayerList build_layers(const ChainOptions& options, const BuildContext& context) {
  LayerList layers(options.layers, "layers", context);
  if (layers->empty()) throw Error("an empty chain: give at least one layer");
  return layers;
}

}  // namespace

MixerChain::MixerChain(const Options& options, const BuildContext& context)
    : layers_(register_module("layers", build_layers(options, context))) {
  require_same_shape(
      "the chain", layers_->out_shape(), context.shape, "a mixer must keep the shape");
}

torch::Tensor MixerChain::forward_in_context(const torch::Tensor& x, const Context& context) {
  return layers_->forward(x, context);
}

LayerPtr MixerChain::for_inference_within(const Surroundings& around) {
  return fused(layers_->layers(), around);
}

EmbeddingChain::EmbeddingChain(const Options& options, const BuildContext& context)
    : layers_(register_module("layers", build_layers(options, context))) {
  set_out_shape(layers_->out_shape());
}

torch::Tensor EmbeddingChain::forward_in_context(const torch::Tensor& x, const Context& context) {
  return layers_->forward(x, context);
}

LayerPtr EmbeddingChain::for_inference_within(const Surroundings& around) {
  return fused(layers_->layers(), around);
}

}  // namespace mixwright::blocks
