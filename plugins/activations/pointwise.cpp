#include "pointwise.h"

namespace mixwright::activations {

torch::Tensor gelu(const torch::Tensor& x) {
  return torch::gelu(x, "none");
}
torch::Tensor gelu_tanh(const torch::Tensor& x) {
  return torch::gelu(x, "tanh");
}
torch::Tensor relu(const torch::Tensor& x) {
  return torch::relu(x);
}
torch::Tensor relu6(const torch::Tensor& x) {
  return torch::relu6(x);
}
torch::Tensor squared_relu(const torch::Tensor& x) {
  return torch::relu(x).square();
}
torch::Tensor silu(const torch::Tensor& x) {
  return torch::silu(x);
}
torch::Tensor hard_swish(const torch::Tensor& x) {
  return torch::hardswish(x);
}
torch::Tensor hard_sigmoid(const torch::Tensor& x) {
  return torch::hardsigmoid(x);
}
torch::Tensor sigmoid(const torch::Tensor& x) {
  return torch::sigmoid(x);
}
torch::Tensor tanh(const torch::Tensor& x) {
  return torch::tanh(x);
}

}  // namespace mixwright::activations
