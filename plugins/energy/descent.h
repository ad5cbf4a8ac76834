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

/// The largest change of an activation between two states, of all samples and layers.
double activation_change(const MemoryState& before, const MemoryState& after);

/// At most `steps` of them; fewer where one changes no activation by more than the tolerance.
struct Descended {
  MemoryState state;
  int64_t steps = 0;
  double change = 0;  ///< of the last step, where there is a tolerance
};
Descended descended(const MemoryGraphImpl& graph,
                    MemoryState state,
                    const Descent& descent,
                    int64_t steps);

}  // namespace mixwright::energy
