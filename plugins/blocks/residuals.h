#pragma once

#include <optional>
#include <vector>

#include <mixwright/block.h>

#include "channel_scale.h"
#include "layer_list.h"

namespace mixwright::blocks {

struct StepOptions {
  bool residual = true;
  std::vector<LayerOption> layers;
};
MIXWRIGHT_OPTIONS(
    StepOptions,
    field("residual", &StepOptions::residual).doc("add what came in to what the layers make of it"),
    field("layers", &StepOptions::layers)
        .required()
        .doc("one after the other, each { kind = component }; \"none\" keeps its index"))

struct ResidualsOptions {
  std::vector<StepOptions> step;
  std::optional<double> layer_scale;
  double drop_path = 0;
};
MIXWRIGHT_OPTIONS(
    ResidualsOptions,
    field("step", &ResidualsOptions::step).required().doc("one after the other"),
    field("layer_scale", &ResidualsOptions::layer_scale)
        .doc("learn a factor per channel for each residual step, starting here; "
             "arXiv:2103.17239 eq. 4"),
    field("drop_path", &ResidualsOptions::drop_path)
        .at_least(0)
        .at_most(0.99)
        .doc("rate of dropping a residual step of a sample in training, at the network's last "
             "block; it grows linearly from 0 at the first"))

/// A series of steps, each a chain of layers with or without residual.
///
///   x <- x + drop_path(layer_scale f(x)), or x <- f(x) without residual
///
/// Shape: [B, *grid, C] -> the same; within a step, and behind one without residual, another.
/// Params: ResidualsOptions. `steps.0.layers.1.*`, `steps.0.layer_scale.scale`.
/// Throws: Error where there is no layer, or a residual step or the whole does not keep the shape.
/// Source: ConvMixer arXiv:2201.09792 sec. 2, RepViT arXiv:2307.09283 fig. 2, FasterNet
///   arXiv:2303.03667 sec. 3.4.
/// Deviates: none.
class Residuals final : public Block {
 public:
  using Options = ResidualsOptions;
  Residuals(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override;
  LayerPtr for_inference() override;

 private:
  /// Registered as `steps.<index>`.
  struct Step : torch::nn::Module {
    bool residual = true;
    LayerList layers{nullptr};
    ChannelScale layer_scale{nullptr};  // empty: one
  };

  std::vector<std::shared_ptr<Step>> steps_;
  double drop_rate_;
};

}  // namespace mixwright::blocks
