#pragma once

#include <optional>

#include <mixwright/synapse.h>

namespace mixwright::energy {

struct MultiwayOptions {
  std::optional<int64_t> rank;
  double init_std = 0.02;
};
MIXWRIGHT_OPTIONS(MultiwayOptions,
                  field("rank", &MultiwayOptions::rank)
                      .at_least(1)
                      .doc("a sum of this many products in place of a weight for every combination "
                           "of units"),
                  field("init_std", &MultiwayOptions::init_std)
                      .at_least(0)
                      .doc("standard deviation of the first weights"))

/// Several layers that meet in one synapse.
///
///   E = -sum_{i j k ...} W_{i j k ...} g_1i g_2j g_3k ...
///   with a rank r:  W_{i j k ...} = sum_r U_1ri U_2rj U_3rk ...
///
/// Shape: g_a [B, *grid_a, C_a], flattened to d_a units; two to eight layers.
/// Params: MultiwayOptions; `weight` W [d_1, d_2, ...], or `factors.a` U_a [rank, d_a].
/// Throws: Error where it is given one layer, or more than eight.
/// Source: Hoover et al. 2022, hamux (synapses of any number of layers); Krotov 2021,
///   arXiv:2107.06446 sec. 5.
/// Deviates: the factorised weight is our addition.
class Multiway final : public Synapse {
 public:
  using Options = MultiwayOptions;
  Multiway(const Options& options, const BuildContext& context);
  torch::Tensor energy(const std::vector<torch::Tensor>& g) const override;
  torch::Tensor gradient(const std::vector<torch::Tensor>& g, size_t i) const override;

 private:
  /// W contracted with all activations but that of layer `left`: [B, d_left].
  torch::Tensor contracted(const std::vector<torch::Tensor>& g, size_t left) const;

  torch::Tensor weight_;                // undefined where it is factorised
  std::vector<torch::Tensor> factors_;  // empty where it is not
};

}  // namespace mixwright::energy
