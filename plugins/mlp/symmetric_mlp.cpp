#include "symmetric_mlp.h"

#include "packed.h"

namespace mixwright::mlp {

template <class Axis>
SymmetricMlp<Axis>::SymmetricMlp(const Options& options, const BuildContext& context)
    : shape_(context.shape), size_(Axis::size(context.shape)) {
  const int64_t hidden = hidden_width(options.hidden, options.ratio, context.shape.channels);
  fc2_ = this->register_module(
      "fc2", torch::nn::Linear(torch::nn::LinearOptions(size_, hidden).bias(false)));
  if (options.bias) {
    hidden_bias_ = this->register_parameter("hidden_bias", torch::zeros({hidden}));
    output_bias_ = this->register_parameter("output_bias", torch::zeros({size_}));
  }
  activation_ =
      this->add(options.activation, context.with_shape(Axis::hidden_shape(context.shape, hidden)));
}

template <class Axis>
torch::Tensor SymmetricMlp<Axis>::forward_in_context(const torch::Tensor& x,
                                                     const Context& context) {
  return Axis::apply(coefficients(x, context), fc2_->weight.t(), output_bias_).view(x.sizes());
}

template <class Axis>
torch::Tensor SymmetricMlp<Axis>::coefficients(const torch::Tensor& x, const Context& context) {
  return run(activation_, Axis::apply(Axis::open(x, size_), fc2_->weight, hidden_bias_), context);
}

template <class Axis>
torch::Tensor SymmetricMlp<Axis>::values() const {
  return fc2_->weight.detach();
}

template <class Axis>
LayerPtr SymmetricMlp<Axis>::for_inference_within(const Surroundings& around) {
  return packed<Axis>({product(fc2_->weight, hidden_bias_, shape_),
                       activation_,
                       product(fc2_->weight.t().contiguous(), output_bias_, shape_)},
                      shape_,
                      around);
}

template class SymmetricMlp<TokenAxis>;
template class SymmetricMlp<ChannelAxis>;

}  // namespace mixwright::mlp
