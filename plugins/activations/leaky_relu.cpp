#include "leaky_relu.h"

namespace mixwright::activations {

torch::Tensor LeakyRelu::forward(const torch::Tensor& x) {
  return torch::leaky_relu(x, slope_);
}

}  // namespace mixwright::activations
