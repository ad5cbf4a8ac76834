#pragma once

#include <mixwright/in_place.h>
#include <mixwright/stores.h>
#include <mixwright/synapse.h>

namespace mixwright::energy {

struct MemoriesOptions {
  int64_t memories = 64;
  double beta = 10;
  bool normalized = true;
  double init_std = 0.02;
};
MIXWRIGHT_OPTIONS(
    MemoriesOptions,
    field("memories", &MemoriesOptions::memories).at_least(1).doc("patterns that are stored"),
    field("beta", &MemoriesOptions::beta)
        .at_least(1e-6)
        .doc("inverse temperature: the larger, the nearer to the nearest memory alone"),
    field("normalized", &MemoriesOptions::normalized).doc("give every memory the length one"),
    field("init_std", &MemoriesOptions::init_std)
        .at_least(1e-6)
        .doc("standard deviation of the first weights"))

/// Stored patterns that one layer falls into: a layer of hidden units with softmax that stands at
/// its fixed point and is therefore not written down.
///
///   E = -1/beta log sum_k exp(beta <m_k, g>),  dE/dg = -sum_k softmax_k(beta <m_k, g>) m_k
///
/// Shape: g [B, *grid, C], flattened to d units.
/// Params: MemoriesOptions; `weight` [d, memories], whose normalised columns are the m_k.
/// Throws: Error where it is given other than one layer.
/// Source: Ramsauer et al. 2020, arXiv:2008.02217 eq. 3.
/// Deviates: no quadratic term; the layer's Lagrangian bounds g.
class Memories final : public Synapse, public Stores, public AddsForce {
 public:
  using Options = MemoriesOptions;
  Memories(const Options& options, const BuildContext& context);
  torch::Tensor energy(const std::vector<torch::Tensor>& g) const override;
  torch::Tensor gradient(const std::vector<torch::Tensor>& g, size_t i) const override;
  Action force_into(const torch::Tensor& x,
                    Blend blend,
                    const std::vector<torch::Tensor>& g,
                    size_t i,
                    int64_t times) const override;
  bool acts_on_itself() const override { return true; }
  /// A sample for each memory: activations of the layer.
  int64_t room() const override { return weight_.size(1); }
  void store(const torch::Tensor& samples) override;

 private:
  torch::Tensor patterns() const;

  double beta_;
  bool normalized_;
  torch::Tensor weight_;
};

}  // namespace mixwright::energy
