#pragma once

#include <string>
#include <vector>

#include <mixwright/block.h>

namespace mixwright::blocks {

/// Layers one after the other; each is built for the shape that the one before it makes.
/// Tensors are named by index, and "none" keeps its own: `0.weight`, `2.weight`.
class LayerListImpl : public torch::nn::Module {
 public:
  /// `name` is the list's path below `context`: `layers`, `steps.0.layers`.
  LayerListImpl(const std::vector<LayerOption>& options,
                const std::string& name,
                const BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x, const Context& context);
  const Shape& out_shape() const { return out_shape_; }
  const std::vector<LayerPtr>& layers() const { return layers_; }
  bool empty() const { return layers_.empty(); }

 private:
  std::vector<LayerPtr> layers_;
  Shape out_shape_;
};
TORCH_MODULE(LayerList);

}  // namespace mixwright::blocks
