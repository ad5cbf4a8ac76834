#pragma once

#include <mixwright/stores.h>

#include "adjoint.h"
#include "continuous.h"
#include "descent.h"
#include "flips.h"

namespace mixwright::energy {

/// Hierarchical associative memory: layers of neurons that move down an energy of any graph of
/// synapses, from what is put in.
///
///   tau dx/dt = -dE/dg,  g = dL/dx,  E = sum_layers (<g, x> - L) + sum_synapses E_s(g) - <u, g_in>
///   a step: x <- x - step_size / tau dE/dg
///
/// With symmetric synapses and convex Lagrangians of the layers that move in time, E never rises
/// along the flow; docs/energy.md says more, and how a step is a block of mixers.
/// Shape: [B, *grid, C] -> the shape of the layer that is read. As a block both are the same layer.
/// Params: HamOptions; `layers.NAME.*`, `synapses.0.*`.
/// Throws: Error where layers and synapses do not fit, where a fixed point is asked for and not
///   reached, and where gradients are asked of a solver without.
/// Source: Krotov 2021, arXiv:2107.06446; Ota, Taki 2024, arXiv:2406.12220.
/// Deviates: none.
class Ham final : public Network, public Recalls, public Stores {
 public:
  using Options = HamOptions;
  Ham(const Options& options, const BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;
  std::vector<RecallMoment> recall(const torch::Tensor& input, int64_t steps) override;

  /// Of the connections with `stored = true`.
  int64_t room() const override;
  void store(const torch::Tensor& samples) override;

  const MemoryGraphImpl& graph() const { return *graph_; }
  /// Where the memory is when `input` has been put in and nothing has moved.
  MemoryState begin(const torch::Tensor& input) const;
  /// One discrete step on.
  MemoryState step(const MemoryState& state) const;
  /// The states at `times`, in continuous time.
  std::vector<MemoryState> flow(const MemoryState& begin, const std::vector<double>& times) const;
  /// What comes out of a state.
  torch::Tensor shown(const MemoryState& state) const;

 private:
  /// x of all layers and the current, without activations.
  MemoryState bare(const torch::Tensor& input) const;
  MemoryState ran(MemoryState state);
  MemoryState through_checkpoints(const MemoryState& begin);
  MemoryState at_fixed_point(const MemoryState& begin);
  /// What moves, and after it what does not but may have gradients: clamped layers, the current.
  Tensors moving(const MemoryState& state) const;
  Tensors constant(const MemoryState& state) const;
  /// `steps` steps as a function of those two, in one row, to what moves.
  TensorsFunction steps_of(const MemoryState& like, int64_t steps) const;
  MemoryState with(const MemoryState& like, const Tensors& tensors) const;
  Tensors trained_parameters() const;

  HamOptions options_;
  Descent descent_;
  MemoryGraph graph_;  // its parts are registered here, under their own names
};

}  // namespace mixwright::energy
