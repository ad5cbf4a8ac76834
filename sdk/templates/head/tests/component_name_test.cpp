#include "component_name.h"

#include <iostream>

#include <mixwright/gradient_check.h>

int main() {
  torch::manual_seed(1);
  mixwright::BuildContext context;
  context.shape = {{4, 4}, 8, 0, {}};  // grid, channels
  context.classes = 5;
  ComponentName head(ComponentNameOptions{}, context);
  head.to(torch::kFloat64);

  const auto run = [&](const torch::Tensor& x) {
    mixwright::Features features;
    features.last = x;
    return head.forward(features);
  };
  const torch::Tensor x = torch::randn({2, 4, 4, 8}, torch::kFloat64);
  const std::string wrong = mixwright::gradient_failure(
      [&](const std::vector<torch::Tensor>& at) { return run(at[0]); }, {x, head.parameters()[0]});
  if (!wrong.empty()) {
    std::cerr << "gradient: " << wrong << "\n";
    return 1;
  }
  // The order of the tokens does not matter.
  if (!torch::allclose(run(x.flip({1, 2}).contiguous()), run(x))) {
    std::cerr << "the answer depends on the order of the tokens\n";
    return 1;
  }
  return 0;
}
