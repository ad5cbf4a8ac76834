#pragma once

#include <mixwright/synapse.h>

namespace mixwright::energy {

/// Base of synapses between two layers whose energy is linear in each.
///
///   E(g_1, g_2) = -<g_1, there(g_2)>,  dE/dg_1 = -there(g_2),  dE/dg_2 = -back(g_1)
///
/// `back` is the transpose of `there`, or else the synapse is not symmetric and says so; the energy
/// is then that of its symmetric part.
/// Source: Krotov 2021, arXiv:2107.06446 eq. 4.
class Bilinear : public Synapse {
 public:
  torch::Tensor energy(const std::vector<torch::Tensor>& g) const override;
  torch::Tensor gradient(const std::vector<torch::Tensor>& g, size_t i) const override;

 protected:
  /// Shaped as the first layer, of the second layer's activation.
  virtual torch::Tensor there(const torch::Tensor& second, at::IntArrayRef first_sizes) const = 0;
  /// Shaped as the second layer, of the first layer's activation.
  virtual torch::Tensor back(const torch::Tensor& first, at::IntArrayRef second_sizes) const = 0;
};

}  // namespace mixwright::energy
