#include "layer_list.h"

namespace mixwright::blocks {

LayerListImpl::LayerListImpl(const std::vector<LayerOption>& options,
                             const std::string& name,
                             const BuildContext& context)
    : out_shape_(context.shape) {
  for (size_t i = 0; i < options.size(); ++i) {
    const std::string index = std::to_string(i);
    const LayerPtr layer = options[i].build(name + "." + index, context.with_shape(out_shape_));
    if (!layer) continue;
    layers_.push_back(register_module(index, layer));
    out_shape_ = layer->out_shape();
  }
}

torch::Tensor LayerListImpl::forward(const torch::Tensor& x, const Context& context) {
  torch::Tensor y = x;
  for (const LayerPtr& layer : layers_) y = run(layer, y, context);
  return y;
}

}  // namespace mixwright::blocks
