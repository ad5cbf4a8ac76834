#include "random.h"

#include <string>

#include <mixwright/error.h>
#include <mixwright/layers.h>

namespace mixwright::metaformer {

Random::Random(const BuildContext& context) {
  const int64_t tokens = context.shape.tokens();
  random_matrix_ = register_parameter(
      "random_matrix", torch::rand({tokens, tokens}).softmax(-1), /*requires_grad=*/false);
}

torch::Tensor Random::forward(const torch::Tensor& x) {
  const torch::Tensor tokens = flatten_grid(x);  // [B, N, C]
  if (tokens.size(1) != random_matrix_.size(0)) {
    throw Error("input " + list_text(x.sizes().vec()) +
                " has N = " + std::to_string(tokens.size(1)) +
                " tokens, the matrix was drawn for " + std::to_string(random_matrix_.size(0)) +
                "; give inputs of the size that model.input states");
  }
  const torch::Tensor shared = random_matrix_.unsqueeze(0).expand({x.size(0), -1, -1});
  return torch::bmm(shared, tokens).view(x.sizes());
}

}  // namespace mixwright::metaformer
