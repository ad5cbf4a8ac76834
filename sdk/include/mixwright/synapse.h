#pragma once

#include <vector>

#include <torch/torch.h>

#include <mixwright/options.h>
#include <mixwright/part.h>
#include <mixwright/plugin.h>

namespace mixwright {

/// What one or more layers of neurons of an associative memory meet in: an energy of their
/// activations.
///
///   E(g_1, ..., g_k),   force on layer i: -dE/dg_i
///
/// The gradients are given by formulas, so that a memory runs where autograd does not; they are
/// made of LibTorch's operations, so that autograd differentiates them for training. Shape: g_i [B,
/// *grid_i, C_i]; E [B]. The context of the constructor holds the shapes of the layers in
/// `stage_shapes`, in their order. A constructor throws Error for layers that it cannot connect.
/// Source: Krotov 2021, arXiv:2107.06446 eq. 4.
class MIXWRIGHT_API Synapse : public Part {
 public:
  using Interface = Synapse;
  static constexpr const char* kKind = "synapse";
  ~Synapse() override;

  /// E of each sample: [B].
  virtual torch::Tensor energy(const std::vector<torch::Tensor>& g) const = 0;
  /// dE/dg_i of the layer with index i, shaped as g_i.
  virtual torch::Tensor gradient(const std::vector<torch::Tensor>& g, size_t i) const = 0;
  /// Whether the gradients are those of `energy`, as by default. A synapse whose way back is not
  /// its way there says false: a memory with one has no guarantee that its energy falls.
  virtual bool is_symmetric() const;
  /// Whether the gradient for layer i depends on g_i itself; not so, as by default, where the
  /// energy is linear in each layer.
  virtual bool acts_on_itself() const;
};

}  // namespace mixwright
