#include "ham.h"

#include <algorithm>
#include <cmath>

#include <mixwright/error.h>

#include "in_place_descent.h"

namespace mixwright::energy {

namespace {

/// How far gradients at a fixed point go: they are no better than the point itself.
constexpr double kAdjointTolerance = 1e-2;  // of the tolerance of the fixed point
constexpr int64_t kAdjointIterations = 10'000;

/// A synapse that samples can be put into, with the input layer where it takes them.
void check_stored(const MemoryGraphImpl& graph) {
  for (size_t c = 0; c < graph.connections().size(); ++c) {
    const MemoryGraphImpl::Connection& connection = graph.connections()[c];
    if (!connection.stored) continue;
    const std::string place = "connection[" + std::to_string(c) + "]: stored = true";
    if (dynamic_cast<Stores*>(connection.synapse.get()) == nullptr) {
      throw Error(place + ", but its synapse takes no samples; choose one that does, like dense");
    }
    if (connection.layers.back() != graph.input()) {
      throw Error(place + " stores what comes into layer \"" + graph.layers()[graph.input()].name +
                  "\", the last that meets here is \"" +
                  graph.layers()[connection.layers.back()].name + "\"");
    }
  }
}

void check(const HamOptions& options, const MemoryGraphImpl& graph) {
  check_stored(graph);
  if (options.gradient == Gradient::kCheckpointed && options.tolerance > 0) {
    throw Error(
        "gradient = \"checkpointed\" runs all steps, so that training and answering would end in "
        "different places; leave tolerance out, or say gradient = \"unrolled\"");
  }
  if (options.gradient != Gradient::kImplicit) return;
  if (options.tolerance == 0 || options.solver != Solver::kSteps) {
    throw Error(
        "gradient = \"implicit\" is taken at a fixed point: say solver = \"steps\" and a tolerance "
        "above 0");
  }
  for (const size_t layer : graph.moving()) {
    if (graph.layers()[layer].decay) continue;
    throw Error("gradient = \"implicit\" needs a fixed point, and layer \"" +
                graph.layers()[layer].name + "\" without decay may grow for ever");
  }
}

}  // namespace

Ham::Ham(const Options& options, const BuildContext& context)
    : options_(options),
      descent_{options.step_size, options.order, options.tolerance},
      graph_(options, context) {
  for (const auto& part : graph_->named_children()) register_module(part.key(), part.value());
  check(options_, *graph_);
  const Shape& out = graph_->layers()[graph_->output()].shape;
  const Shape& in = graph_->layers()[graph_->input()].shape;
  set_out_shape(out == in ? context.shape : out);
}

MemoryState Ham::bare(const torch::Tensor& input) const {
  MemoryState state;
  const auto& layers = graph_->layers();
  for (size_t i = 0; i < layers.size(); ++i) {
    const bool is_entry = i == graph_->input() && options_.input != Entry::kCurrent;
    state.x.push_back(is_entry ? input
                               : torch::zeros(layers[i].sizes(input.size(0)), input.options()));
  }
  if (options_.input != Entry::kState) state.current = input;
  return state;
}

MemoryState Ham::begin(const torch::Tensor& input) const {
  MemoryState state = bare(input);
  graph_->complete(state);
  return state;
}

MemoryState Ham::step(const MemoryState& state) const {
  return stepped(*graph_, state, descent_);
}

std::vector<MemoryState> Ham::flow(const MemoryState& begin,
                                   const std::vector<double>& times) const {
  return integrated(*graph_, begin, times, {options_.relative_error, options_.absolute_error});
}

torch::Tensor Ham::shown(const MemoryState& state) const {
  const size_t layer = graph_->output();
  return options_.output == Shown::kState ? state.x[layer] : state.g[layer];
}

torch::Tensor Ham::forward(const torch::Tensor& x) {
  const std::vector<int64_t> expected = graph_->layers()[graph_->input()].sizes(x.size(0));
  if (x.sizes() != torch::IntArrayRef(expected)) {
    throw Error("input " + list_text(x.sizes().vec()) + ", the memory was built for " +
                list_text(expected));
  }
  if (!torch::GradMode::is_enabled() && options_.solver == Solver::kSteps &&
      InPlaceDescent::can_run(*graph_, descent_, x)) {
    return run_in_place(
        *graph_,
        descent_,
        options_.steps,
        x,
        [this](const torch::Tensor& part) { return bare(part); },
        [this](const MemoryState& state) { return shown(state); });
  }
  return shown(ran(begin(x))).contiguous();
}

MemoryState Ham::ran(MemoryState state) {
  if (options_.solver == Solver::kFlips) {
    return settled_by_flips(*graph_, std::move(state), options_.order, options_.steps);
  }
  if (options_.solver == Solver::kDopri5) {
    if (is_training() && torch::GradMode::is_enabled()) {
      throw Error("solver = \"dopri5\" has no gradients; train with solver = \"steps\"");
    }
    return flow(state, {options_.step_size * static_cast<double>(options_.steps)}).front();
  }
  if (torch::GradMode::is_enabled()) {
    if (options_.gradient == Gradient::kCheckpointed) return through_checkpoints(state);
    if (options_.gradient == Gradient::kImplicit) return at_fixed_point(state);
  }
  return descended(*graph_, std::move(state), descent_, options_.steps).state;
}

Tensors Ham::moving(const MemoryState& state) const {
  Tensors result;
  for (const size_t layer : graph_->moving()) result.push_back(state.x[layer]);
  return result;
}

Tensors Ham::constant(const MemoryState& state) const {
  Tensors result;
  for (const size_t layer : graph_->clamped()) result.push_back(state.x[layer]);
  if (state.current.defined()) result.push_back(state.current);
  return result;
}

MemoryState Ham::with(const MemoryState& like, const Tensors& tensors) const {
  MemoryState state = like;
  size_t next = 0;
  for (const size_t layer : graph_->moving()) state.x[layer] = tensors[next++];
  for (const size_t layer : graph_->clamped()) state.x[layer] = tensors[next++];
  if (state.current.defined()) state.current = tensors[next];
  graph_->complete(state);
  return state;
}

TensorsFunction Ham::steps_of(const MemoryState& like, int64_t steps) const {
  MemoryState bare = like;  // sizes and the adiabatic layers' beginnings, without history
  for (torch::Tensor& x : bare.x) x = x.detach();
  bare.g.clear();
  if (bare.current.defined()) bare.current = bare.current.detach();
  return [this, bare, steps](const Tensors& tensors) {
    MemoryState state = with(bare, tensors);
    for (int64_t i = 0; i < steps; ++i) state = step(state);
    return moving(state);
  };
}

Tensors Ham::trained_parameters() const {
  Tensors result;
  for (const torch::Tensor& parameter : parameters()) {
    if (parameter.requires_grad()) result.push_back(parameter);
  }
  return result;
}

MemoryState Ham::through_checkpoints(const MemoryState& begin) {
  const auto each = static_cast<int64_t>(std::ceil(std::sqrt(options_.steps)));
  const Tensors rest = constant(begin);
  Tensors now = moving(begin);
  for (int64_t done = 0; done < options_.steps; done += each) {
    Tensors inputs = now;
    inputs.insert(inputs.end(), rest.begin(), rest.end());
    now = recomputed(
        steps_of(begin, std::min(each, options_.steps - done)), inputs, trained_parameters());
  }
  now.insert(now.end(), rest.begin(), rest.end());
  return with(begin, now);
}

MemoryState Ham::at_fixed_point(const MemoryState& begin) {
  Descended found;
  {
    const torch::NoGradGuard no_grad;
    found = descended(*graph_, begin, descent_, options_.steps);
  }
  if (!(found.change <= options_.tolerance)) {  // NaN is no fixed point
    throw Error("no fixed point after " + std::to_string(found.steps) +
                " steps: the last one changed an activation by " + std::to_string(found.change) +
                ", tolerance is " + std::to_string(options_.tolerance) + "; allow more steps");
  }
  const Tensors rest = constant(begin);
  Tensors point = implicit(steps_of(begin, 1),
                           moving(found.state),
                           rest,
                           trained_parameters(),
                           {options_.tolerance * kAdjointTolerance, kAdjointIterations});
  point.insert(point.end(), rest.begin(), rest.end());
  return with(begin, point);
}

std::vector<RecallMoment> Ham::recall(const torch::Tensor& input, int64_t steps) {
  const torch::NoGradGuard no_grad;
  std::vector<MemoryState> states = {begin(input)};
  std::vector<double> times;
  Settling settling;
  for (int64_t i = 1; i <= steps; ++i) {
    times.push_back(static_cast<double>(i) * options_.step_size);
    if (options_.solver == Solver::kFlips) {
      states.push_back(swept(*graph_, states.back(), options_.order).state);
    } else if (options_.solver == Solver::kSteps) {
      states.push_back(descent_.tolerance > 0
                           ? stepped_until_settled(*graph_, states.back(), descent_, settling)
                           : step(states.back()));
    }
  }
  if (options_.solver == Solver::kDopri5) {
    for (MemoryState& state : flow(states.front(), times)) states.push_back(std::move(state));
  }
  std::vector<RecallMoment> moments;
  for (size_t i = 0; i < states.size(); ++i) {
    const size_t layer = graph_->input();
    moments.push_back({static_cast<double>(i) * options_.step_size,
                       options_.output == Shown::kState ? states[i].x[layer] : states[i].g[layer],
                       graph_->energy(states[i])});
  }
  return moments;
}

int64_t Ham::room() const {
  int64_t most = 0;
  for (const MemoryGraphImpl::Connection& connection : graph_->connections()) {
    if (!connection.stored) continue;
    most = std::max(most, dynamic_cast<const Stores&>(*connection.synapse).room());
  }
  return most;
}

void Ham::store(const torch::Tensor& samples) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor shown = graph_->layers()[graph_->input()].lagrangian->gradient(samples);
  for (const MemoryGraphImpl::Connection& connection : graph_->connections()) {
    if (!connection.stored) continue;
    auto& storing = dynamic_cast<Stores&>(*connection.synapse);
    storing.store(shown.narrow(0, 0, storing.room()));
  }
}

}  // namespace mixwright::energy
