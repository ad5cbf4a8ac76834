#include "component_name.h"

#include <iostream>

#include <mixwright/gradient_check.h>

int main() {
  torch::manual_seed(1);
  mixwright::Batch batch;
  batch.targets = torch::tensor({0, 2, 1, 2});
  const torch::Tensor output = torch::randn({4, 3}, torch::kFloat64);

  const ComponentName task(ComponentNameOptions{.gamma = 2.0});
  const std::string wrong = mixwright::gradient_failure(
      [&](const std::vector<torch::Tensor>& at) { return task.loss(at[0], batch); }, {output});
  if (!wrong.empty()) {
    std::cerr << "gradient: " << wrong << "\n";
    return 1;
  }
  const ComponentName plain(ComponentNameOptions{.gamma = 0.0});
  const torch::Tensor expected = torch::nn::functional::cross_entropy(output, batch.targets);
  if (!torch::allclose(plain.loss(output, batch), expected)) {
    std::cerr << "gamma = 0 is not the cross-entropy\n";
    return 1;
  }
  return 0;
}
