#include "component_name.h"

#include <iostream>

#include <mixwright/error.h>
#include <mixwright/gradient_check.h>

int main() {
  torch::manual_seed(1);
  mixwright::BuildContext context;
  context.stage_shapes = {{{2, 3}, 4, 0, {}}, {{}, 5, 0, {}}};  // grid and channels of each layer
  ComponentName synapse(ComponentNameOptions{.rank = 3}, context);
  synapse.to(torch::kFloat64);

  const std::vector<torch::Tensor> g = {
      torch::randn({6, 2, 3, 4}, torch::kFloat64).requires_grad_(),
      torch::randn({6, 5}, torch::kFloat64).requires_grad_()};
  // By formulas and by autograd.
  const auto expected = torch::autograd::grad({synapse.energy(g).sum()}, g);
  for (size_t i = 0; i < g.size(); ++i) {
    if (!torch::allclose(synapse.gradient(g, i), expected[i])) {
      std::cerr << "the gradient of layer " << i << " is not that of the energy\n";
      return 1;
    }
  }
  // Training differentiates the gradients.
  const std::string wrong = mixwright::gradient_failure(
      [&](const std::vector<torch::Tensor>& at) { return synapse.gradient({at[0], at[1]}, 0); },
      {g[0].detach(), g[1].detach(), synapse.parameters()[0], synapse.parameters()[1]});
  if (!wrong.empty()) {
    std::cerr << "gradient: " << wrong << "\n";
    return 1;
  }
  try {
    context.stage_shapes.pop_back();
    const ComponentName alone(ComponentNameOptions{}, context);
    std::cerr << "a synapse of one layer was built\n";
    return 1;
  } catch (const mixwright::Error&) {
    return 0;
  }
}
