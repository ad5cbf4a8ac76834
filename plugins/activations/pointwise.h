#pragma once

#include <string>

#include <mixwright/activation.h>

namespace mixwright::activations {

/// What products call a function that they can compute in passing; "" for another one.
std::string name_of(torch::Tensor (*function)(const torch::Tensor&));

/// An activation without options or weights: y = Function(x), value by value.
///
/// Shape: [B, *grid, C] -> the same.
template <torch::Tensor (*Function)(const torch::Tensor&)>
class Pointwise final : public Activation {
 public:
  torch::Tensor forward(const torch::Tensor& x) override { return Function(x); }
  std::string function_name() const override { return name_of(Function); }
};

/// x * Phi(x), Phi the normal distribution, exact; arXiv:1606.08415 eq. 1.
torch::Tensor gelu(const torch::Tensor& x);
/// 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), which is near gelu; arXiv:1606.08415 sec. 2.
torch::Tensor gelu_tanh(const torch::Tensor& x);
/// max(x, 0).
torch::Tensor relu(const torch::Tensor& x);
/// min(max(x, 0), 6); arXiv:1704.04861.
torch::Tensor relu6(const torch::Tensor& x);
/// max(x, 0)^2; arXiv:2109.08668 sec. 3.
torch::Tensor squared_relu(const torch::Tensor& x);
/// x * sigmoid(x); arXiv:1606.08415 sec. 3.
torch::Tensor silu(const torch::Tensor& x);
/// x * relu6(x + 3) / 6; arXiv:1905.02244 eq. 2.
torch::Tensor hard_swish(const torch::Tensor& x);
/// relu6(x + 3) / 6; arXiv:1905.02244 sec. 5.2.
torch::Tensor hard_sigmoid(const torch::Tensor& x);
/// 1 / (1 + exp(-x)).
torch::Tensor sigmoid(const torch::Tensor& x);
/// tanh(x).
torch::Tensor tanh(const torch::Tensor& x);

}  // namespace mixwright::activations
