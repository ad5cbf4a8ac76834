// The norm against its equation, written out in exponentials.

#include "dynamic_tanh.h"

#include <iostream>

#include <mixwright/gradient_check.h>

namespace {

int failures = 0;

void expect(bool fine, const std::string& what) {
  if (fine) return;
  std::cerr << "failed: " << what << "\n";
  ++failures;
}

DynamicTanh norm_with(double alpha) {
  DynamicTanhOptions options;
  options.alpha = alpha;
  mixwright::BuildContext context;
  context.shape.grid = {2, 3};
  context.shape.channels = 5;
  return {options, context};
}

void begins_as_a_plain_tanh() {
  const torch::Tensor x = torch::randn({2, 2, 3, 5});
  const torch::Tensor e = (2 * 0.25 * x).exp();  // tanh(z) = (exp(2 z) - 1) / (exp(2 z) + 1)
  expect(norm_with(0.25).forward(x).allclose((e - 1) / (e + 1), 1e-5, 1e-6), "tanh(alpha x)");
}

void is_its_equation() {
  DynamicTanh norm = norm_with(0.7);
  norm.to(torch::kFloat64);
  const torch::NoGradGuard no_grad;
  auto parameters = norm.named_parameters();
  for (auto& parameter : parameters) parameter.value().normal_();
  const torch::Tensor x = torch::randn({2, 2, 3, 5}, torch::kFloat64);
  const torch::Tensor e = (2 * parameters["alpha"] * x).exp();
  const torch::Tensor expected = parameters["gamma"] * (e - 1) / (e + 1) + parameters["beta"];
  expect(norm.forward(x).allclose(expected, 1e-10, 1e-10), "the equation");
}

void has_the_right_gradient() {
  DynamicTanh norm = norm_with(0.5);
  norm.to(torch::kFloat64);
  std::vector<torch::Tensor> points = norm.parameters();
  points.push_back(torch::randn({2, 2, 3, 5}, torch::kFloat64));
  const std::string failure = mixwright::gradient_failure(
      [&](const std::vector<torch::Tensor>& at) { return norm.forward(at.back()); }, points);
  expect(failure.empty(), failure);
}

}  // namespace

int main() {
  torch::manual_seed(1);
  begins_as_a_plain_tanh();
  is_its_equation();
  has_the_right_gradient();
  return failures == 0 ? 0 : 1;
}
