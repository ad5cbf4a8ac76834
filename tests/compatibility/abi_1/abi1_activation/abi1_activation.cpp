#include "abi1_activation.h"

Abi1Activation::Abi1Activation(const Options& options)
    : beta_(register_parameter("beta", torch::full({1}, options.beta))) {}

torch::Tensor Abi1Activation::forward(const torch::Tensor& x) {
  // Under autocast x may be bfloat16; the answer keeps its type.
  return x * torch::sigmoid(beta_.to(x.scalar_type()) * x);
}

MIXWRIGHT_PLUGIN("abi1_activation",
                 "0.1.0",
                 "Apache-2.0",
                 activation<Abi1Activation>("abi1_activation",
                                            "x sigmoid(beta x), beta learned",
                                            "your paper"))
