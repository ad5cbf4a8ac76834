#include "fused_branches.h"

#include <utility>

#include <mixwright/inference.h>

namespace mixwright::blocks {

namespace {

class Branches final : public Layer {
 public:
  explicit Branches(std::vector<FusedBranch> branches) : branches_(std::move(branches)) {}
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override {
    torch::Tensor y = x;
    for (const FusedBranch& branch : branches_) y = branch(y, context);
    return y;
  }

 private:
  std::vector<FusedBranch> branches_;
};

torch::Tensor values_of(const ChannelScale& scale) {
  return scale ? scale->scale.detach().clone() : torch::Tensor();
}

}  // namespace

torch::Tensor FusedBranch::operator()(const torch::Tensor& x, const Context& context) const {
  if (residual) return added_to(res_scale.defined() ? x * res_scale : x, x, context);
  torch::Tensor y = x;
  for (const LayerPtr& layer : layers) y = run(layer, y, context);
  return y;
}

torch::Tensor FusedBranch::added_to(const torch::Tensor& sum,
                                    const torch::Tensor& x,
                                    const Context& context) const {
  torch::Tensor y = x;
  for (size_t i = 0; i + 1 < layers.size(); ++i) y = run(layers[i], y, context);
  if (!scale.defined()) return added(sum, layers.back(), y, context);
  return torch::addcmul(sum, run(layers.back(), y, context), scale);
}

FusedBranch fused_branch(const std::vector<LayerPtr>& layers,
                         const ChannelScale& layer_scale,
                         const ChannelScale& res_scale) {
  FusedBranch branch;
  branch.res_scale = values_of(res_scale);
  if (layer_scale) {
    const torch::Tensor scale = layer_scale->scale.detach().to(torch::kFloat64).cpu();
    Surroundings around;
    around.after = ChannelMap{scale, torch::zeros_like(scale)};
    if (const LayerPtr form = fused(layers, around)) {
      branch.layers = {form};
      return branch;
    }
  }
  branch.scale = values_of(layer_scale);
  const LayerPtr form = fused(layers);
  branch.layers = form ? std::vector<LayerPtr>{form} : layers;
  return branch;
}

LayerPtr fused_branches(const std::vector<FusedBranch>& branches, const Shape& shape) {
  auto form = std::make_shared<Branches>(branches);
  form->set_out_shape(shape);
  form->eval();
  return form;
}

}  // namespace mixwright::blocks
