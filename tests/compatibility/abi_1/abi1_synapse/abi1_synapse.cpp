#include "abi1_synapse.h"

#include <cmath>

#include <mixwright/error.h>
#include <mixwright/layers.h>

Abi1Synapse::Abi1Synapse(const Options& options, const mixwright::BuildContext& context) {
  const std::vector<mixwright::Shape>& layers = context.stage_shapes;  // of the layers that meet
  if (layers.size() != 2) {
    throw mixwright::Error("connects 2 layers, " + std::to_string(layers.size()) + " named");
  }
  for (const mixwright::Shape& layer : layers) {
    const int64_t units = layer.channels * (layer.grid.empty() ? 1 : layer.tokens());
    const torch::Tensor drawn =
        torch::randn({options.rank, units}) / std::sqrt(static_cast<double>(units));
    weights_.push_back(register_parameter(weights_.empty() ? "first" : "second", drawn));
  }
}

torch::Tensor Abi1Synapse::reading(const std::vector<torch::Tensor>& g, size_t i) const {
  return mixwright::apply_linear(g[i].flatten(1), weights_[i]);  // [B, d_i] -> [B, rank]
}

torch::Tensor Abi1Synapse::energy(const std::vector<torch::Tensor>& g) const {
  return -(reading(g, 0) * reading(g, 1)).sum(1);
}

torch::Tensor Abi1Synapse::gradient(const std::vector<torch::Tensor>& g, size_t i) const {
  const torch::Tensor seen = reading(g, 1 - i);                 // the other layer: [B, rank]
  return -torch::matmul(seen, weights_[i]).view(g[i].sizes());  // -> [B, d_i]
}

MIXWRIGHT_PLUGIN("abi1_synapse",
                 "0.1.0",
                 "Apache-2.0",
                 synapse<Abi1Synapse>("abi1_synapse",
                                      "two layers compared in a few numbers",
                                      "your paper"))
