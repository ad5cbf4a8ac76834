#include "component_name.h"

#include <iostream>

#include <mixwright/gradient_check.h>

int main() {
  torch::manual_seed(1);
  ComponentName activation(ComponentNameOptions{});
  activation.to(torch::kFloat64);
  const std::string wrong = mixwright::gradient_failure(
      [&](const std::vector<torch::Tensor>& at) { return activation.forward(at[0]); },
      {torch::randn({2, 4, 4, 8}, torch::kFloat64), activation.parameters()[0]});
  if (!wrong.empty()) {
    std::cerr << "gradient: " << wrong << "\n";
    return 1;
  }
  if (activation.forward(torch::zeros({1}, torch::kFloat64)).item<double>() != 0) {
    std::cerr << "zero does not stay zero\n";
    return 1;
  }
  return 0;
}
