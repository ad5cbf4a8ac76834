#include "pointwise.h"

#include <cmath>
#include <numbers>

namespace mixwright::energy {

namespace {

constexpr double kSqrtHalf = 1 / std::numbers::sqrt2;

/// exp(-x^2 / 2) / sqrt(2 pi)
torch::Tensor normal_density(const torch::Tensor& x) {
  return torch::exp(x.square() * -0.5) * (std::numbers::inv_sqrtpi * kSqrtHalf);
}

}  // namespace

torch::Tensor Identity::integral(const torch::Tensor& x) {
  return x.square() * 0.5;
}
torch::Tensor Identity::value(const torch::Tensor& x) {
  return x;
}
Action Identity::into(const torch::Tensor& g, const torch::Tensor& x) {
  return [g, x] { g.copy_(x); };
}
torch::Tensor Identity::slope(const torch::Tensor& x) {
  return torch::ones_like(x);
}

torch::Tensor Relu::integral(const torch::Tensor& x) {
  return torch::relu(x).square() * 0.5;
}
torch::Tensor Relu::value(const torch::Tensor& x) {
  return torch::relu(x);
}
Action Relu::into(const torch::Tensor& g, const torch::Tensor& x) {
  return [to = g, x]() mutable { torch::clamp_min_out(to, x, 0); };
}
torch::Tensor Relu::slope(const torch::Tensor& x) {
  return (x > 0).to(x.scalar_type());
}

torch::Tensor Gelu::integral(const torch::Tensor& x) {
  const torch::Tensor square = x.square();
  return (square + (square - 1) * torch::erf(x * kSqrtHalf) + x * normal_density(x) * 2) * 0.25;
}
torch::Tensor Gelu::value(const torch::Tensor& x) {
  return torch::gelu(x, "none");
}
Action Gelu::into(const torch::Tensor& g, const torch::Tensor& x) {
  return gelu_into(g, x);
}
torch::Tensor Gelu::slope(const torch::Tensor& x) {
  return (1 + torch::erf(x * kSqrtHalf)) * 0.5 + x * normal_density(x);
}

torch::Tensor Sigmoid::integral(const torch::Tensor& x) {
  return -torch::log_sigmoid(-x);  // softplus without the threshold at which LibTorch's is linear
}
torch::Tensor Sigmoid::value(const torch::Tensor& x) {
  return torch::sigmoid(x);
}
Action Sigmoid::into(const torch::Tensor& g, const torch::Tensor& x) {
  return [to = g, x]() mutable { torch::sigmoid_out(to, x); };
}
torch::Tensor Sigmoid::slope(const torch::Tensor& x) {
  const torch::Tensor g = torch::sigmoid(x);
  return g * (1 - g);
}

torch::Tensor Tanh::integral(const torch::Tensor& x) {
  // cosh overflows early: log cosh x = |x| + log(1 + exp(-2|x|)) - log 2.
  const torch::Tensor size = x.abs();
  return size + torch::log1p(torch::exp(size * -2)) - std::numbers::ln2;
}
torch::Tensor Tanh::value(const torch::Tensor& x) {
  return torch::tanh(x);
}
Action Tanh::into(const torch::Tensor& g, const torch::Tensor& x) {
  return [to = g, x]() mutable { torch::tanh_out(to, x); };
}
torch::Tensor Tanh::slope(const torch::Tensor& x) {
  return 1 - torch::tanh(x).square();
}

torch::Tensor Exponential::integral(const torch::Tensor& x) {
  return torch::exp(x);
}
torch::Tensor Exponential::value(const torch::Tensor& x) {
  return torch::exp(x);
}
Action Exponential::into(const torch::Tensor& g, const torch::Tensor& x) {
  return [to = g, x]() mutable { torch::exp_out(to, x); };
}
torch::Tensor Exponential::slope(const torch::Tensor& x) {
  return torch::exp(x);
}

}  // namespace mixwright::energy
