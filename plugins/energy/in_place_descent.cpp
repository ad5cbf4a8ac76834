#include "in_place_descent.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <ATen/autocast_mode.h>

#include "actions.h"

namespace mixwright::energy {

namespace {

constexpr int64_t kCachedBytes = int64_t{4} << 20;  // of states that are worked on at a time

/// dE/dg of a synapse by its formula, in memory of its own.
Action formula_into(const torch::Tensor& x,
                    Blend blend,
                    const std::shared_ptr<Synapse>& synapse,
                    const Tensors& g,
                    size_t place) {
  return [=] {
    keep_of(x, blend.keep);
    x.sub_(synapse->gradient(g, place), blend.scale);
  };
}

Action activation_by_formula(const torch::Tensor& g,
                             const torch::Tensor& x,
                             const std::shared_ptr<Lagrangian>& lagrangian) {
  return [=] { g.copy_(lagrangian->gradient(x)); };
}

int64_t bytes_of_sample(const MemoryGraphImpl& graph, const torch::Tensor& input) {
  int64_t numbers = 0;
  for (const auto& layer : graph.layers()) {
    numbers += c10::multiply_integers(layer.sizes(1));
  }
  return 2 * numbers * static_cast<int64_t>(input.element_size());
}

/// Samples at a time: such that all have as many, where the batch can be divided so.
int64_t samples_at_once(int64_t batch, int64_t bytes) {
  const int64_t most = std::clamp<int64_t>(kCachedBytes / bytes, 1, batch);
  const int64_t fewest_parts = (batch + most - 1) / most;
  for (int64_t parts = fewest_parts; parts < 2 * fewest_parts; ++parts) {
    if (batch % parts == 0) return batch / parts;
  }
  return (batch + fewest_parts - 1) / fewest_parts;
}

void append(std::vector<Action>& actions, const std::vector<Action>& more) {
  actions.insert(actions.end(), more.begin(), more.end());
}

void run(const std::vector<Action>& actions) {
  for (const Action& action : actions) action();
}

}  // namespace

bool InPlaceDescent::can_run(const MemoryGraphImpl& graph,
                             const Descent& descent,
                             const torch::Tensor& input) {
  const auto type = input.scalar_type();
  if (descent.tolerance > 0 || graph.is_entangled() || input.numel() == 0 ||
      !input.device().is_cpu() || (type != torch::kFloat && type != torch::kDouble) ||
      at::autocast::is_autocast_enabled(at::kCPU)) {
    return false;
  }
  const auto parameters = graph.parameters();
  return std::all_of(parameters.begin(), parameters.end(), [&](const torch::Tensor& each) {
    return each.scalar_type() == type && each.device().is_cpu();
  });
}

InPlaceDescent::InPlaceDescent(const MemoryGraphImpl& graph,
                               const Descent& descent,
                               const MemoryState& like,
                               int64_t steps)
    : graph_(graph) {
  for (const torch::Tensor& x : like.x) {
    state_.x.push_back(torch::empty(x.sizes(), x.options()));
    state_.g.push_back(torch::empty(x.sizes(), x.options()));
  }
  if (like.current.defined()) state_.current = torch::empty_like(like.current);

  const std::vector<Action> following = follow(steps + 1);
  for (const auto& layers : {graph.moving(), graph.clamped()}) {
    for (const size_t layer : layers) at_begin_.push_back(activation_of(layer));
  }
  append(at_begin_, following);

  const bool in_turn = descent.order == Order::kInTurn;
  for (const size_t layer : graph.moving()) {
    const auto& neurons = graph.layers()[layer];
    const double rate = descent.step_size / neurons.time_constant;
    const std::vector<Action> forces =
        forces_on(layer, {neurons.decay ? 1 - rate : 1, rate}, steps);
    append(in_step_, forces);
    if (in_turn) {
      in_step_.push_back(activation_of(layer));
      append(in_step_, following);
    } else if (layer == graph.output()) {
      in_last_step_ = forces;
      in_last_step_.push_back(activation_of(layer));
    }
  }
  if (!in_turn) {
    for (const size_t layer : graph.moving()) in_step_.push_back(activation_of(layer));
    append(in_step_, following);
  }
  if (in_last_step_.empty()) in_last_step_ = in_step_;
}

Action InPlaceDescent::activation_of(size_t layer) const {
  const auto& lagrangian = graph_.layers()[layer].lagrangian;
  Action action;
  if (const auto* writes = dynamic_cast<const WritesActivation*>(lagrangian.get())) {
    action = writes->activation_into(state_.g[layer], state_.x[layer]);
  }
  if (!action) action = activation_by_formula(state_.g[layer], state_.x[layer], lagrangian);
  return action;
}

std::vector<Action> InPlaceDescent::forces_on(size_t layer, Blend blend, int64_t times) const {
  std::vector<Action> actions;
  const torch::Tensor& x = state_.x[layer];
  for (const auto& [c, place] : graph_.layers()[layer].meets) {
    const auto& connection = graph_.connections()[c];
    const Tensors g = graph_.activations_at(connection, state_.g);
    Action action;
    if (const auto* adds = dynamic_cast<const AddsForce*>(connection.synapse.get())) {
      action = adds->force_into(x, blend, g, place, times);
    }
    if (!action) action = formula_into(x, blend, connection.synapse, g, place);
    actions.push_back(std::move(action));
    blend.keep = 1;  // the next adds to what this one left
  }
  if (blend.keep != 1) {
    actions.emplace_back([x, blend] { keep_of(x, blend.keep); });
  }
  if (layer == graph_.input() && state_.current.defined()) {
    actions.emplace_back([x, blend, current = state_.current] { x.add_(current, blend.scale); });
  }
  return actions;
}

std::vector<Action> InPlaceDescent::follow(int64_t times) const {
  std::vector<Action> actions;
  for (const size_t layer : graph_.adiabatic()) {
    append(actions, forces_on(layer, {0, 1}, times));
    actions.push_back(activation_of(layer));
  }
  return actions;
}

void InPlaceDescent::begin(const MemoryState& from) {
  for (const auto& layers : {graph_.moving(), graph_.clamped()}) {
    for (const size_t layer : layers) state_.x[layer].copy_(from.x[layer]);
  }
  if (state_.current.defined()) state_.current.copy_(from.current);
  run(at_begin_);
}

void InPlaceDescent::step() {
  run(in_step_);
}

void InPlaceDescent::last_step() {
  run(in_last_step_);
}

torch::Tensor run_in_place(const MemoryGraphImpl& graph,
                           const Descent& descent,
                           int64_t steps,
                           const torch::Tensor& input,
                           const std::function<MemoryState(const torch::Tensor&)>& beginning,
                           const std::function<torch::Tensor(const MemoryState&)>& shown) {
  const int64_t batch = input.size(0);
  const int64_t at_once = samples_at_once(batch, bytes_of_sample(graph, input));
  torch::Tensor result;
  std::optional<InPlaceDescent> memory;
  for (int64_t first = 0; first < batch; first += at_once) {
    const int64_t count = std::min(at_once, batch - first);
    const MemoryState from = beginning(input.narrow(0, first, count));
    if (!memory || count < at_once) memory.emplace(graph, descent, from, steps);
    memory->begin(from);
    for (int64_t i = 1; i < steps; ++i) memory->step();
    memory->last_step();
    const torch::Tensor part = shown(memory->state());
    if (count == batch) return part;
    if (!result.defined()) {
      std::vector<int64_t> sizes = part.sizes().vec();
      sizes[0] = batch;
      result = torch::empty(sizes, part.options());
    }
    result.narrow(0, first, count).copy_(part);
  }
  return result;
}

}  // namespace mixwright::energy
