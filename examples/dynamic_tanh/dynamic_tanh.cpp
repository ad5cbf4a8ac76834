#include "dynamic_tanh.h"

DynamicTanh::DynamicTanh(const Options& options, const mixwright::BuildContext& context)
    : alpha_(register_parameter("alpha", torch::full({1}, options.alpha))),
      gamma_(register_parameter("gamma", torch::ones({context.shape.channels}))),
      beta_(register_parameter("beta", torch::zeros({context.shape.channels}))) {}

torch::Tensor DynamicTanh::forward(const torch::Tensor& x) {
  return torch::addcmul(beta_, gamma_, torch::tanh(alpha_ * x));
}

MIXWRIGHT_PLUGIN("dynamic_tanh",
                 "0.1.0",
                 "Apache-2.0",
                 normalization<DynamicTanh>("dynamic_tanh",
                                            "a tanh with a learned scale in the place of a norm",
                                            "arXiv:2503.10622 section 4"))
