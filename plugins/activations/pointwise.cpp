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

std::string name_of(torch::Tensor (*function)(const torch::Tensor&)) {
  if (function == &gelu) return "gelu";
  if (function == &gelu_tanh) return "gelu_tanh";
  if (function == &relu) return "relu";
  if (function == &silu) return "silu";
  if (function == &hard_swish) return "hard_swish";
  if (function == &hard_sigmoid) return "hard_sigmoid";
  if (function == &sigmoid) return "sigmoid";
  if (function == &tanh) return "tanh";
  return "";
}

}  // namespace mixwright::activations
