#pragma once

#include <functional>

#include <mixwright/in_place.h>

#include "descent.h"

namespace mixwright::energy {

/// The steps of `stepped` in memory that is allocated once, for a batch of one size: the same
/// numbers, to rounding. Without gradients and without a tolerance. Where a part can work in place
/// (WritesActivation, AddsForce), a step allocates no tensor.
class InPlaceDescent {
 public:
  /// Whether this memory can run so: on the CPU, in one type, its adiabatic layers each at rest
  /// after one look at the others.
  static bool can_run(const MemoryGraphImpl& graph,
                      const Descent& descent,
                      const torch::Tensor& input);

  /// `like` has the sizes; `steps` is how many there will be of each beginning.
  InPlaceDescent(const MemoryGraphImpl& graph,
                 const Descent& descent,
                 const MemoryState& like,
                 int64_t steps);

  /// Copies x of all layers but adiabatic ones, and the current.
  void begin(const MemoryState& from);
  void step();
  /// The same after which only the output layer is looked at; all others may be left behind.
  void last_step();
  /// Views of the memory.
  const MemoryState& state() const { return state_; }

 private:
  Action activation_of(size_t layer) const;
  std::vector<Action> forces_on(size_t layer, Blend blend, int64_t times) const;
  /// Brings the adiabatic layers to rest.
  std::vector<Action> follow(int64_t times) const;

  const MemoryGraphImpl& graph_;
  MemoryState state_;
  std::vector<Action> at_begin_;
  std::vector<Action> in_step_;
  std::vector<Action> in_last_step_;
};

/// Where the samples of `input` [B, ...] are after `steps` steps: some of them at a time, as many
/// as the processor's cache holds. `beginning` makes x and current of some inputs, `shown` says
/// what is wanted of the output layer's state, [B, ...].
torch::Tensor run_in_place(const MemoryGraphImpl& graph,
                           const Descent& descent,
                           int64_t steps,
                           const torch::Tensor& input,
                           const std::function<MemoryState(const torch::Tensor&)>& beginning,
                           const std::function<torch::Tensor(const MemoryState&)>& shown);

}  // namespace mixwright::energy
