#include "residuals.h"

#include <mixwright/layers.h>

#include "fused_branches.h"
#include "shapes.h"

namespace mixwright::blocks {

Residuals::Residuals(const Options& options, const BuildContext& context)
    : drop_rate_(context.linear_drop_rate(options.drop_path)) {
  if (options.step.empty()) throw Error("an empty block: give at least one step with layers");
  const auto steps = register_module("steps", std::make_shared<torch::nn::Module>());
  Shape shape = context.shape;
  for (size_t i = 0; i < options.step.size(); ++i) {
    const std::string index = std::to_string(i);
    const std::string name = "steps." + index;
    const auto step = steps->register_module(index, std::make_shared<Step>());
    step->residual = options.step[i].residual;
    step->layers = step->register_module(
        "layers", LayerList(options.step[i].layers, name + ".layers", context.with_shape(shape)));
    if (step->layers->empty()) throw Error(name + " has no layer; give it one, or leave it out");
    if (step->residual) {
      require_same_shape(name, step->layers->out_shape(), shape, kResidual);
      if (options.layer_scale) {
        step->layer_scale = step->register_module(
            "layer_scale", ChannelScale(shape.channels, *options.layer_scale));
      }
    }
    shape = step->layers->out_shape();
    steps_.push_back(step);
  }
  require_same_shape("the last step", shape, context.shape, "a block must keep the shape");
}

torch::Tensor Residuals::forward_in_context(const torch::Tensor& x, const Context& context) {
  torch::Tensor y = x;
  for (const auto& step : steps_) {
    const torch::Tensor mixed = step->layers->forward(y, context);
    y = step->residual ? add_residual(y,
                                      ChannelScale{nullptr},
                                      drop_path(mixed, drop_rate_, is_training()),
                                      step->layer_scale)
                       : mixed;
  }
  return y;
}

LayerPtr Residuals::for_inference() {
  std::vector<FusedBranch> forms;
  for (const auto& step : steps_) {
    forms.push_back(fused_branch(step->layers->layers(), step->layer_scale));
    forms.back().residual = step->residual;
  }
  return fused_branches(forms, out_shape());
}

}  // namespace mixwright::blocks
