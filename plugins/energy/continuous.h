#pragma once

#include "graph.h"

namespace mixwright::energy {

/// Accuracy of a step in continuous time.
struct Accuracy {
  double relative = 1e-6;
  double absolute = 1e-8;
};

/// The flow tau dx/dt = -dE/dg in continuous time, all samples as one system: the state at each of
/// `times`, which rise and begin at 0 or later. Between its own steps the solver interpolates
/// (dense output), so that the times do not change what it does.
///
/// Dormand and Prince's pair of orders 5 and 4 with step-size control (Boost.Odeint), in float64
/// whatever the type of the tensors. Without gradients.
/// Throws: Error where the state stops being finite or a million steps do not reach the end.
std::vector<MemoryState> integrated(const MemoryGraphImpl& graph,
                                    const MemoryState& begin,
                                    const std::vector<double>& times,
                                    const Accuracy& accuracy);

}  // namespace mixwright::energy
