#include "component_name.h"

#include <iostream>

#include <mixwright/gradient_check.h>

int main() {
  torch::manual_seed(1);
  const ComponentName layer(ComponentNameOptions{.width = 0.5});
  const torch::Tensor x = torch::randn({3, 4, 6}, torch::kFloat64).requires_grad_();
  const torch::Tensor v = torch::randn({3, 4, 6}, torch::kFloat64);

  // By formulas and by autograd: the activation is the Lagrangian's gradient, and so on.
  const torch::Tensor g = torch::autograd::grad({layer.value(x).sum()}, {x})[0];
  const torch::Tensor h = torch::autograd::grad({(layer.gradient(x) * v).sum()}, {x})[0];
  if (!torch::allclose(layer.gradient(x), g) || !torch::allclose(layer.hessian_product(x, v), h)) {
    std::cerr << "gradient and hessian_product are not those of value\n";
    return 1;
  }
  // Training differentiates the activation.
  const std::string wrong = mixwright::gradient_failure(
      [&](const std::vector<torch::Tensor>& at) { return layer.gradient(at[0]); }, {x.detach()});
  if (!wrong.empty()) {
    std::cerr << "gradient: " << wrong << "\n";
    return 1;
  }
  if (layer.gradient(x.detach() * 1e6).abs().max().item<double>() > 1) {
    std::cerr << "an activation is larger than one\n";
    return 1;
  }
  return 0;
}
