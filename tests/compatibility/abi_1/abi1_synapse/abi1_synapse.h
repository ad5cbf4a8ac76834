#pragma once

#include <vector>

#include <mixwright/synapse.h>

struct Abi1SynapseOptions {
  int64_t rank = 16;
};
MIXWRIGHT_OPTIONS(Abi1SynapseOptions,
                  field("rank", &Abi1SynapseOptions::rank)
                      .at_least(1)
                      .doc("numbers in which the two layers are compared"))

/// Two layers that agree where a few linear readings of them do.
///
///   E = -<U g_1, V g_2>,  dE/dg_1 = -U^T V g_2,  dE/dg_2 = -V^T U g_1
///
/// Shape: g_1 [B, *grid_1, C_1] and g_2 [B, *grid_2, C_2], flattened to d_1 and d_2 units; E [B].
/// Params: Abi1SynapseOptions; `first` U [rank, d_1], `second` V [rank, d_2].
/// Throws: mixwright::Error where it is given other than two layers.
/// Source: replace by authors, year, arXiv id and equation.
/// Deviates: none.
class Abi1Synapse final : public mixwright::Synapse {
 public:
  using Options = Abi1SynapseOptions;
  Abi1Synapse(const Options& options, const mixwright::BuildContext& context);
  torch::Tensor energy(const std::vector<torch::Tensor>& g) const override;
  torch::Tensor gradient(const std::vector<torch::Tensor>& g, size_t i) const override;

 private:
  torch::Tensor reading(const std::vector<torch::Tensor>& g, size_t i) const;
  std::vector<torch::Tensor> weights_;  // U and V
};
