#include "descent.h"

#include <algorithm>

namespace mixwright::energy {

namespace {

torch::Tensor moved(const MemoryGraphImpl& graph,
                    const MemoryState& state,
                    size_t layer,
                    double step_size) {
  const double rate = step_size / graph.layers()[layer].time_constant;
  return torch::sub(state.x[layer], graph.slope(state, layer), rate);
}

}  // namespace

MemoryState stepped(const MemoryGraphImpl& graph,
                    const MemoryState& state,
                    const Descent& descent) {
  MemoryState next = state;
  if (descent.order == Order::kInTurn) {
    for (const size_t layer : graph.moving()) {
      graph.update(next, layer, moved(graph, next, layer, descent.step_size));
    }
    return next;
  }
  for (const size_t layer : graph.moving()) {
    next.x[layer] = moved(graph, state, layer, descent.step_size);
  }
  graph.complete(next);
  return next;
}

double activation_change(const MemoryState& before, const MemoryState& after) {
  double largest = 0;
  for (size_t i = 0; i < after.g.size(); ++i) {
    if (after.g[i].numel() == 0) continue;
    const torch::Tensor change = (after.g[i].detach() - before.g[i].detach()).abs().max();
    largest = std::max(largest, change.item<double>());
  }
  return largest;
}

Descended descended(const MemoryGraphImpl& graph,
                    MemoryState state,
                    const Descent& descent,
                    int64_t steps) {
  Descended result;
  result.state = std::move(state);
  while (result.steps < steps) {
    MemoryState next = stepped(graph, result.state, descent);
    ++result.steps;
    if (descent.tolerance > 0) result.change = activation_change(result.state, next);
    result.state = std::move(next);
    if (descent.tolerance > 0 && result.change <= descent.tolerance) break;
  }
  return result;
}

}  // namespace mixwright::energy
