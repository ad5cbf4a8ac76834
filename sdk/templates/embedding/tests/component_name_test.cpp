#include "component_name.h"

#include <iostream>

#include <mixwright/gradient_check.h>

int main() {
  torch::manual_seed(1);
  mixwright::BuildContext context;
  context.shape = {{9, 12}, 3, 0, {}};  // grid, channels
  context.dim = 8;
  ComponentNameOptions options;
  options.kernel = 3;
  options.stride = 4;
  ComponentName embedding(options, context);
  embedding.to(torch::kFloat64);

  const std::string wrong = mixwright::gradient_failure(
      [&](const std::vector<torch::Tensor>& at) { return embedding.forward(at[0]); },
      {torch::randn({2, 9, 12, 3}, torch::kFloat64), embedding.parameters()[0]});
  if (!wrong.empty()) {
    std::cerr << "gradient: " << wrong << "\n";
    return 1;
  }
  if (embedding.out_shape().grid != std::vector<int64_t>{3, 3}) {
    std::cerr << "a grid of 3 x 3 expected, " << embedding.out_shape().text() << " promised\n";
    return 1;
  }
  return 0;
}
