#include "component_name.h"

#include <iostream>

#include <mixwright/gradient_check.h>

int main() {
  torch::manual_seed(1);
  mixwright::BuildContext context;
  context.shape = {{4, 4}, 8, 0, {}};  // grid, channels
  ComponentName mixer(ComponentNameOptions{}, context);
  mixer.to(torch::kFloat64);

  const torch::Tensor x = torch::randn({2, 4, 4, 8}, torch::kFloat64);
  const std::string wrong = mixwright::gradient_failure(
      [&](const std::vector<torch::Tensor>& at) { return mixer.forward(at[0]); },
      {x, mixer.parameters()[0]});
  if (!wrong.empty()) {
    std::cerr << "gradient: " << wrong << "\n";
    return 1;
  }
  // A token's answer does not depend on its neighbours.
  const torch::Tensor one = x.slice(1, 0, 1).slice(2, 0, 1);
  const torch::Tensor of_all = mixer.forward(x).slice(1, 0, 1).slice(2, 0, 1);
  if (!torch::allclose(mixer.forward(one), of_all)) {
    std::cerr << "a channel mixer sees one token at a time\n";
    return 1;
  }
  return 0;
}
