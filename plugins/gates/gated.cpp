#include "gated.h"

#include <utility>

#include <mixwright/error.h>
#include <mixwright/inference.h>
#include <mixwright/layers.h>

namespace mixwright::gates {

namespace {

class PackedGated final : public Layer {
 public:
  PackedGated(PackedLinear proj, LayerPtr gate) : proj_(std::move(proj)), gate_(std::move(gate)) {
    set_out_shape(gate_->out_shape());
    eval();
  }
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override {
    return proj_(x) * run(gate_, x, context);
  }

 private:
  PackedLinear proj_;
  LayerPtr gate_;
};

}  // namespace

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

LayerPtr Gated::for_inference() {
  gate_->use_inference_form();
  return std::make_shared<PackedGated>(PackedLinear(proj_->weight, proj_->bias), gate_);
}

}  // namespace mixwright::gates
