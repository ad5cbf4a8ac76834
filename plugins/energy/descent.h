#pragma once

#include "graph.h"

namespace mixwright::energy {

/// How a memory moves in discrete time.
struct Descent {
  double step_size = 0.1;
  Order order = Order::kTogether;
  double tolerance = 0;
};

/// One step of every layer that moves: x <- x - step_size / tau dE/dg, adiabatic layers following.
MemoryState stepped(const MemoryGraphImpl& graph, const MemoryState& state, const Descent& descent);

/// Of each sample the largest change of an activation between two states, over all layers: [B].
torch::Tensor activation_change(const MemoryState& before, const MemoryState& after);

/// Samples of a batch that come to rest each at its own time.
struct Settling {
  torch::Tensor moving;  ///< [B] bool: which samples go on; undefined before the first step
  torch::Tensor change;  ///< [B]: by how much each one's last step changed an activation
  bool settled() const;  ///< all of them
};

/// A step of the samples that still move. One whose step changed no activation by more than the
/// tolerance stays as it then is, so that where it ends does not depend on those beside it.
MemoryState stepped_until_settled(const MemoryGraphImpl& graph,
                                  const MemoryState& state,
                                  const Descent& descent,
                                  Settling& settling);

/// At most `steps` steps, fewer where all samples settle before, with a tolerance above 0.
struct Descended {
  MemoryState state;
  int64_t steps = 0;  ///< of the sample that took most
  double change = 0;  ///< the largest of the samples' last steps, where there is a tolerance
};
Descended descended(const MemoryGraphImpl& graph,
                    MemoryState state,
                    const Descent& descent,
                    int64_t steps);

}  // namespace mixwright::energy
