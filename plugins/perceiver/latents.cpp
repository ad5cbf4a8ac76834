#include "latents.h"

#include <mixwright/layers.h>

namespace mixwright::perceiver {

namespace {

constexpr double kInitialStd = 0.02;  // arXiv:2103.03206

}  // namespace

Latents::Latents(const Options& options, const BuildContext& context) {
  Shape shape;
  shape.grid = {options.tokens};
  shape.channels = context.dim;
  latents_ = register_parameter("latents", torch::empty({options.tokens, context.dim}));
  cross_ = register_module(
      "cross",
      std::make_shared<CrossAttention>(options, shape, context.shape, context.below("cross")));
  set_out_shape(shape);
  initialize();
}

void Latents::initialize() {
  torch::nn::init::normal_(latents_, 0, kInitialStd);
}

torch::Tensor Latents::forward_in_context(const torch::Tensor& x, const Context& context) {
  if (context.padding_mask.defined()) {
    throw Error(
        "the batch has a padding mask, which fits no latent token; cut or pack sequences to "
        "one length");
  }
  return cross_->forward(latents_.unsqueeze(0), flatten_grid(contiguous_gradient(x)));
}

}  // namespace mixwright::perceiver
