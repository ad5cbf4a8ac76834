#include "asymmetric_mlp.h"

#include "packed.h"
#include "symmetry.h"

namespace mixwright::mlp {

template <class Axis>
AsymmetricMlp<Axis>::AsymmetricMlp(const Options& options, const BuildContext& context)
    : shape_(context.shape),
      size_(Axis::size(context.shape)),
      penalty_(options.penalty),
      reports_symmetry_(options.report_symmetry) {
  const int64_t hidden = hidden_width(options.hidden, options.ratio, context.shape.channels);
  using torch::nn::LinearOptions;
  fc1_ = this->register_module("fc1", torch::nn::Linear(LinearOptions(size_, hidden).bias(false)));
  fc2_ = this->register_module("fc2", torch::nn::Linear(LinearOptions(hidden, size_).bias(false)));
  activation_ =
      this->add(options.activation, context.with_shape(Axis::hidden_shape(context.shape, hidden)));
}

template <class Axis>
torch::Tensor AsymmetricMlp<Axis>::forward_in_context(const torch::Tensor& x,
                                                      const Context& context) {
  const torch::Tensor h = coefficients(x, context);
  const torch::Tensor back = fc1_->weight.t();
  // While training, one product with the summed weight saves a third of the arithmetic; in
  // evaluation the equation's two products stay apart, which is what published counts count.
  const torch::Tensor y = this->is_training() ? Axis::apply(h, back + fc2_->weight)
                                              : Axis::apply(h, back) + Axis::apply(h, fc2_->weight);
  return y.view(x.sizes());
}

template <class Axis>
torch::Tensor AsymmetricMlp<Axis>::coefficients(const torch::Tensor& x, const Context& context) {
  return run(activation_, Axis::apply(Axis::open(x, size_), fc1_->weight), context);
}

template <class Axis>
torch::Tensor AsymmetricMlp<Axis>::values() const {
  return fc1_->weight.detach() + fc2_->weight.detach().t();
}

template <class Axis>
torch::Tensor AsymmetricMlp<Axis>::penalty() {
  if (penalty_ == 0) return {};
  return fc2_->weight.square().sum() * penalty_;
}

template <class Axis>
void AsymmetricMlp<Axis>::report(Report& report) {
  if (!reports_symmetry_) return;
  report_symmetry(report, fc1_->weight, fc1_->weight.t() + fc2_->weight);
}

template <class Axis>
LayerPtr AsymmetricMlp<Axis>::for_inference_within(const Surroundings& around) {
  return packed<Axis>({product(fc1_->weight, {}, shape_),
                       activation_,
                       product(fc1_->weight.t() + fc2_->weight, {}, shape_)},
                      shape_,
                      around);
}

template class AsymmetricMlp<TokenAxis>;
template class AsymmetricMlp<ChannelAxis>;

}  // namespace mixwright::mlp
