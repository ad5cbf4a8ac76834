#include "component_name.h"

#include <iostream>

#include <mixwright/gradient_check.h>

int main() {
  torch::manual_seed(1);
  mixwright::BuildContext context;
  context.shape = {{4, 4}, 8, 0, {}};  // grid, channels
  context.dim = 6;                     // channels that are wished for
  ComponentName projection(ComponentNameOptions{.rank = 1}, context);
  projection.to(torch::kFloat64);

  const torch::Tensor x = torch::randn({2, 4, 4, 8}, torch::kFloat64);
  const std::string wrong = mixwright::gradient_failure(
      [&](const std::vector<torch::Tensor>& at) { return projection.forward(at[0]); },
      {x, projection.parameters()[0], projection.parameters()[1]});
  if (!wrong.empty()) {
    std::cerr << "gradient: " << wrong << "\n";
    return 1;
  }
  const torch::Tensor y = projection.forward(x);
  if (y.sizes() != std::vector<int64_t>({2, 4, 4, 6}) || projection.out_shape().channels != 6) {
    std::cerr << "not the channels that were wished for\n";
    return 1;
  }
  // Of rank one all answers lie on one line.
  const torch::Tensor rows = y.flatten(0, 2);
  const torch::Tensor along = rows / rows.norm(2, 1, /*keepdim=*/true);
  if (!torch::allclose(along.matmul(along.t()).abs(), torch::ones({32, 32}, torch::kFloat64))) {
    std::cerr << "the rank is not one\n";
    return 1;
  }
  return 0;
}
