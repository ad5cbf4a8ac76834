#include "component_name.h"

#include <iostream>

#include <mixwright/gradient_check.h>

int main() {
  torch::manual_seed(1);
  mixwright::BuildContext context;
  context.shape = {{4, 4}, 8, 0, {}};  // grid, channels
  ComponentName mixer(ComponentNameOptions{}, context);
  mixer.to(torch::kFloat64);

  const std::string wrong = mixwright::gradient_failure(
      [&](const std::vector<torch::Tensor>& at) { return mixer.forward(at[0]); },
      {torch::randn({2, 4, 4, 8}, torch::kFloat64), mixer.parameters()[0]});
  if (!wrong.empty()) {
    std::cerr << "gradient: " << wrong << "\n";
    return 1;
  }
  // Tokens that are all the same are their own mean.
  const torch::Tensor same = torch::randn({2, 1, 1, 8}, torch::kFloat64).expand({2, 4, 4, 8});
  if (!torch::allclose(mixer.forward(same.contiguous()), same)) {
    std::cerr << "equal tokens were changed\n";
    return 1;
  }
  return 0;
}
