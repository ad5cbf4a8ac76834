#include "component_name.h"

#include <iostream>

#include <mixwright/gradient_check.h>

int main() {
  torch::manual_seed(1);
  mixwright::BuildContext context;
  context.shape = {{4, 4}, 8, 0, {}};  // grid, channels
  ComponentName norm(ComponentNameOptions{}, context);
  norm.to(torch::kFloat64);

  const torch::Tensor x = torch::randn({2, 4, 4, 8}, torch::kFloat64);
  const std::string wrong = mixwright::gradient_failure(
      [&](const std::vector<torch::Tensor>& at) { return norm.forward(at[0]); },
      {x, norm.parameters()[0]});
  if (!wrong.empty()) {
    std::cerr << "gradient: " << wrong << "\n";
    return 1;
  }
  // The size of what comes in does not matter.
  if (!torch::allclose(norm.forward(x * 100), norm.forward(x), 1e-4)) {
    std::cerr << "the answer depends on the scale of the input\n";
    return 1;
  }
  return 0;
}
