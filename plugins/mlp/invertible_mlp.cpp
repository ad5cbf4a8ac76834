#include "invertible_mlp.h"

#include "axis.h"

namespace mixwright::mlp {

InvertibleMlp::InvertibleMlp(const Options& options, const BuildContext& context)
    : size_(TokenAxis::size(context.shape)), iterations_(options.iterations) {
  const int64_t hidden = hidden_width(options.hidden, options.ratio, context.shape.channels);
  const SpectralBound bound{options.coefficient, options.power_iterations};
  fc1_ = register_module("fc1", torch::nn::Linear(size_, hidden));
  if (iterations_ > 0) {
    sn1_ = register_module("sn1", SpectralLinear(hidden, hidden, bound));
    sn2_ = register_module("sn2", SpectralLinear(hidden, hidden, bound));
  }
  fc2_ = register_module("fc2", torch::nn::Linear(hidden, size_));
  activation_ =
      add(options.activation, context.with_shape(TokenAxis::hidden_shape(context.shape, hidden)));
}

void InvertibleMlp::initialize() {
  if (iterations_ == 0) return;
  sn1_->settle();
  sn2_->settle();
}

torch::Tensor InvertibleMlp::forward_in_context(const torch::Tensor& x, const Context& context) {
  const torch::Tensor start =
      TokenAxis::apply(TokenAxis::open(x, size_), fc1_->weight, fc1_->bias);  // [B, hidden, C]
  torch::Tensor y = start;
  for (int64_t i = 0; i < iterations_; ++i) {
    for (SpectralLinearImpl* inner : {sn1_.get(), sn2_.get()}) {
      y = TokenAxis::apply(run(activation_, y, context), inner->bounded_weight(), inner->bias);
    }
    y = y + start;
  }
  return TokenAxis::apply(run(activation_, y, context), fc2_->weight, fc2_->bias).view(x.sizes());
}

}  // namespace mixwright::mlp
