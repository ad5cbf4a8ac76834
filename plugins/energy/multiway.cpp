#include "multiway.h"

#include "meeting.h"
#include "sums.h"

namespace mixwright::energy {

namespace {

constexpr size_t kMostLayers = 8;

}  // namespace

Multiway::Multiway(const Options& options, const BuildContext& context) {
  std::vector<int64_t> sizes;
  for (const Shape& layer : meeting_layers(context, 2, kMostLayers)) sizes.push_back(units(layer));
  if (!options.rank) {
    weight_ = register_parameter("weight", torch::randn(sizes) * options.init_std);
    return;
  }
  const auto list = register_module("factors", std::make_shared<torch::nn::Module>());
  for (size_t a = 0; a < sizes.size(); ++a) {
    factors_.push_back(list->register_parameter(
        std::to_string(a), torch::randn({*options.rank, sizes[a]}) * options.init_std));
  }
}

torch::Tensor Multiway::contracted(const std::vector<torch::Tensor>& g, size_t left) const {
  if (!factors_.empty()) {
    torch::Tensor product;  // [B, rank]
    for (size_t a = 0; a < g.size(); ++a) {
      if (a == left) continue;
      const torch::Tensor seen = torch::linear(g[a].flatten(1), factors_[a]);
      product = product.defined() ? product * seen : seen;
    }
    return torch::matmul(product, factors_[left]);
  }
  // [d_1, ..., d_k], one layer after the other: "abc,zb,zc->za".
  std::string equation;
  std::string batches;
  std::vector<torch::Tensor> operands = {weight_};
  for (size_t a = 0; a < g.size(); ++a) {
    const char letter = static_cast<char>('a' + a);
    equation += letter;
    if (a == left) continue;
    batches += std::string(",z") + letter;
    operands.push_back(g[a].flatten(1));
  }
  return torch::einsum(equation + batches + "->z" + static_cast<char>('a' + left), operands);
}

torch::Tensor Multiway::energy(const std::vector<torch::Tensor>& g) const {
  return -sum_of_sample(g[0].flatten(1) * contracted(g, 0));
}

torch::Tensor Multiway::gradient(const std::vector<torch::Tensor>& g, size_t i) const {
  return -contracted(g, i).contiguous().view(g[i].sizes());
}

}  // namespace mixwright::energy
