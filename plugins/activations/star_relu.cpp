#include "star_relu.h"

namespace mixwright::activations {

StarRelu::StarRelu(const Options& options)
    : scale_(register_parameter("scale", torch::full({1}, options.scale))),
      bias_(register_parameter("bias", torch::full({1}, options.bias))) {}

torch::Tensor StarRelu::forward(const torch::Tensor& x) {
  return torch::addcmul(bias_, torch::relu(x).square(), scale_);
}

}  // namespace mixwright::activations
