#include "mlp.h"

#include <type_traits>

#include <mixwright/error.h>

#include "packed.h"
#include "symmetry.h"

namespace mixwright::mlp {

template <class Axis>
Mlp<Axis>::Mlp(const Options& options, const BuildContext& context)
    : shape_(context.shape),
      size_(Axis::size(context.shape)),
      dropout_(options.dropout),
      starts_symmetric_(options.symmetric_start),
      reports_symmetry_(options.report_symmetry) {
  const int64_t hidden = hidden_width(options.hidden, options.ratio, context.shape.channels);
  const auto inside = context.with_shape(Axis::hidden_shape(context.shape, hidden));
  using torch::nn::LinearOptions;
  fc1_ = this->register_module("fc1",
                               torch::nn::Linear(LinearOptions(size_, hidden).bias(options.bias)));
  norm_ = this->add(options.norm, inside);
  activation_ = this->add(options.activation, inside);
  fc2_ = this->register_module("fc2",
                               torch::nn::Linear(LinearOptions(hidden, size_).bias(options.bias)));
  output_norm_ = this->add(options.output_norm, context);
  Mlp::initialize();
}

template <class Axis>
void Mlp<Axis>::initialize() {
  if (!starts_symmetric_) return;
  const torch::NoGradGuard no_grad;
  fc2_->weight.copy_(fc1_->weight.t());
}

template <class Axis>
torch::Tensor Mlp<Axis>::forward_in_context(const torch::Tensor& x, const Context& context) {
  const torch::Tensor h = torch::dropout(coefficients(x, context), dropout_, this->is_training());
  torch::Tensor y = Axis::apply(h, fc2_->weight, fc2_->bias).view(x.sizes());
  return torch::dropout(run(output_norm_, y, context), dropout_, this->is_training());
}

template <class Axis>
LayerPtr Mlp<Axis>::for_inference_within(const Surroundings& around) {
  // Norms of tokens see features that lie the other way.
  if (std::is_same_v<Axis, TokenAxis> && (norm_ || output_norm_)) return nullptr;
  return packed<Axis>({product(fc1_->weight, fc1_->bias, shape_),
                       norm_,
                       activation_,
                       product(fc2_->weight, fc2_->bias, shape_),
                       output_norm_},
                      shape_,
                      around);
}

template <class Axis>
torch::Tensor Mlp<Axis>::coefficients(const torch::Tensor& x, const Context& context) {
  const torch::Tensor h = Axis::apply(Axis::open(x, size_), fc1_->weight, fc1_->bias);
  return run(activation_, run(norm_, h, context), context);
}

template <class Axis>
torch::Tensor Mlp<Axis>::values() const {
  if (output_norm_)
    throw Error("output_norm stands behind the values, they add up to nothing fixed");
  return fc2_->weight.detach().t();
}

template <class Axis>
void Mlp<Axis>::report(Report& report) {
  if (reports_symmetry_) report_symmetry(report, fc1_->weight, fc2_->weight);
}

template class Mlp<TokenAxis>;
template class Mlp<ChannelAxis>;

}  // namespace mixwright::mlp
