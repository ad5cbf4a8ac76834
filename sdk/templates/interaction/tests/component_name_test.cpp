#include "component_name.h"

#include <iostream>

#include <mixwright/gradient_check.h>

int main() {
  torch::manual_seed(1);
  const mixwright::Shape query_shape = {{4, 4}, 8, 0, {}};  // grid, channels
  const mixwright::Shape key_shape = {{5}, 8, 0, {}};
  const mixwright::BuildContext context =
      ComponentName::between(mixwright::BuildContext(), query_shape, key_shape);
  ComponentName interaction(ComponentNameOptions{}, context);
  interaction.to(torch::kFloat64);

  const torch::Tensor query = torch::randn({2, 4, 4, 8}, torch::kFloat64);
  const torch::Tensor key = torch::randn({1, 5, 8}, torch::kFloat64);
  const std::string wrong = mixwright::gradient_failure(
      [&](const std::vector<torch::Tensor>& at) { return interaction.forward(at[0], at[1]); },
      {query, key, interaction.parameters()[0]});
  if (!wrong.empty()) {
    std::cerr << "gradient: " << wrong << "\n";
    return 1;
  }
  // A key is nearest to itself, at no distance.
  const torch::Tensor itself = interaction.forward(key.unsqueeze(1), key);  // [1, 1, 5, 5]
  const torch::Tensor nearest = itself.argmax(-1).flatten();
  if (!nearest.equal(torch::arange(5)) ||
      itself[0][0].diagonal().abs().max().item<double>() > 1e-9) {
    std::cerr << "a key is not nearest to itself\n";
    return 1;
  }
  return 0;
}
