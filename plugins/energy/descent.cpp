#include "descent.h"

#include "per_sample.h"

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

torch::Tensor activation_change(const MemoryState& before, const MemoryState& after) {
  torch::Tensor largest;
  for (size_t i = 0; i < after.g.size(); ++i) {
    const torch::Tensor change = largest_of_each(after.g[i].detach() - before.g[i].detach());
    largest = largest.defined() ? torch::maximum(largest, change) : change;
  }
  return largest;
}

bool Settling::settled() const {
  return moving.defined() && !moving.any().item<bool>();
}

MemoryState stepped_until_settled(const MemoryGraphImpl& graph,
                                  const MemoryState& state,
                                  const Descent& descent,
                                  Settling& settling) {
  MemoryState next = stepped(graph, state, descent);
  const torch::Tensor change = activation_change(state, next);
  const torch::Tensor exceeds = change.le(descent.tolerance).logical_not();  // NaN does
  if (!settling.moving.defined()) {
    settling.moving = exceeds;
    settling.change = change;
    return next;
  }
  for (size_t i = 0; i < next.x.size(); ++i) {
    next.x[i] = chosen(settling.moving, next.x[i], state.x[i]);
    next.g[i] = chosen(settling.moving, next.g[i], state.g[i]);
  }
  settling.change = torch::where(settling.moving, change, settling.change);
  settling.moving = settling.moving.logical_and(exceeds);
  return next;
}

Descended descended(const MemoryGraphImpl& graph,
                    MemoryState state,
                    const Descent& descent,
                    int64_t steps) {
  Descended result;
  result.state = std::move(state);
  Settling settling;
  for (; result.steps < steps && !settling.settled(); ++result.steps) {
    result.state = descent.tolerance > 0
                       ? stepped_until_settled(graph, result.state, descent, settling)
                       : stepped(graph, result.state, descent);
  }
  if (settling.change.defined() && settling.change.numel() > 0) {
    result.change = settling.change.max().item<double>();
  }
  return result;
}

}  // namespace mixwright::energy
