#include "spatial_gating.h"

#include <string>

#include <mixwright/error.h>
#include <mixwright/layers.h>

#include "axis.h"

namespace mixwright::mlp {

// eps of the published code, also where the block's own norm has another.
ConfigValue SpatialGatingOptions::default_norm() {
  ConfigValue norm = ConfigValue::table();
  norm.set("type", "layer_norm");
  norm.set("eps", 1e-5);
  return norm;
}

SpatialGating::SpatialGating(const Options& options, const BuildContext& context)
    : tokens_(context.shape.tokens()), dropout_(options.dropout) {
  const int64_t channels = context.shape.channels;
  const int64_t hidden = hidden_width(options.hidden, options.ratio, channels);
  if (hidden % 2 != 0) {
    throw Error("hidden width " + std::to_string(hidden) +
                " must be even so that one half can gate the other; nearest are " +
                std::to_string(hidden - 1) + " and " + std::to_string(hidden + 1));
  }
  fc1_ = register_module("fc1", torch::nn::Linear(channels, hidden));
  activation_ = add(options.activation, context.with_shape(context.shape.with_channels(hidden)));
  const auto gate = register_module("gate", std::make_shared<torch::nn::Module>());
  Shape half;
  half.grid = {tokens_};
  half.channels = hidden / 2;
  norm_ = options.norm.build(context.below("gate").with_shape(half));
  if (norm_) gate->register_module("norm", norm_);
  proj_ = gate->register_module("proj", torch::nn::Linear(tokens_, tokens_));
  fc2_ = register_module("fc2", torch::nn::Linear(hidden / 2, channels));
  initialize();
}

torch::Tensor SpatialGating::forward_in_context(const torch::Tensor& x, const Context& context) {
  const torch::Tensor tokens = TokenAxis::open(x, tokens_);
  torch::Tensor h =
      packed_fc1_ ? (*packed_fc1_)(tokens) : run(activation_, apply_linear(tokens, fc1_), context);
  h = torch::dropout(h, dropout_, is_training());
  const auto halves = h.chunk(2, -1);  // [B, N, hidden] -> u, v [B, N, hidden / 2]
  const torch::Tensor gate =
      TokenAxis::apply(run(norm_, halves[1].contiguous(), context), proj_->weight, proj_->bias);
  const torch::Tensor gated = halves[0] * gate;
  if (packed_fc2_) return (*packed_fc2_)(gated).view(x.sizes());
  return torch::dropout(apply_linear(gated, fc2_).view(x.sizes()), dropout_, is_training());
}

LayerPtr SpatialGating::for_inference_within(const Surroundings& around) {
  auto form = std::make_shared<SpatialGating>(*this);
  form->packed_fc1_.emplace(
      fc1_->weight,
      fc1_->bias,
      Surroundings{.before = around.before, .after = {}, .activation = activation_});
  form->packed_fc2_.emplace(
      fc2_->weight,
      fc2_->bias,
      Surroundings{.before = {}, .after = around.after, .activation = around.activation});
  form->proj_ = std::dynamic_pointer_cast<torch::nn::LinearImpl>(proj_->clone());
  return form;
}

void SpatialGating::initialize() {
  const torch::NoGradGuard no_grad;
  torch::nn::init::normal_(proj_->weight, 0.0, 1e-6);
  torch::nn::init::ones_(proj_->bias);
}

}  // namespace mixwright::mlp
