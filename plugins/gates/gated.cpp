#include "gated.h"

#include <mixwright/error.h>
#include <mixwright/layers.h>

namespace mixwright::gates {

Gated::Gated(const Options& options, const BuildContext& context) {
  const int64_t channels = context.shape.channels;
  proj_ = register_module(
      "proj", torch::nn::Linear(torch::nn::LinearOptions(channels, channels).bias(options.bias)));
  gate_ = add(options.gate, context);
  if (!gate_) throw Error("gate = \"none\" leaves nothing to gate with; give a block");
  if (!(gate_->out_shape() == context.shape)) {
    throw Error("the gate turns " + context.shape.text() + " into " + gate_->out_shape().text() +
                "; it must keep the shape");
  }
}

torch::Tensor Gated::forward_in_context(const torch::Tensor& x, const Context& context) {
  return apply_linear(x, proj_) * run(gate_, x, context);
}

}  // namespace mixwright::gates
