#include "graph.h"

#include <algorithm>
#include <limits>

#include <mixwright/error.h>

#include "per_sample.h"

namespace mixwright::energy {

namespace {

constexpr int kMostSweeps = 200;
constexpr double kSettled = 32;  // units in the last place by which settled layers may still move

Shape one_unit_per_class(const NeuronsOptions& options, int64_t classes) {
  if (options.shape || options.tokens || options.channels) {
    throw Error("layer \"" + options.name + "\" has classes = true and a size of its own; say one");
  }
  if (classes == 0) {
    throw Error("layer \"" + options.name +
                "\" has a unit for each class, and the data have no classes; give it a shape");
  }
  return Shape{{}, classes, 0, {}};
}

Shape shape_of(const NeuronsOptions& options, const BuildContext& context) {
  if (options.classes) return one_unit_per_class(options, context.classes);
  if (options.shape && (options.tokens || options.channels)) {
    throw Error("layer \"" + options.name + "\" has shape and tokens or channels; say one");
  }
  Shape shape = context.shape;
  if (options.shape) {
    if (options.shape->empty()) {
      throw Error("layer \"" + options.name + "\": shape = []; grid and channels expected");
    }
    shape = Shape();
    shape.grid = *options.shape;
    shape.channels = shape.grid.back();
    shape.grid.pop_back();
  }
  if (options.tokens) {
    shape = Shape{{*options.tokens}, shape.channels, 0, {}};
  }
  if (options.channels) shape.channels = *options.channels;
  return shape;
}

double unit_in_last_place(torch::ScalarType type) {
  return type == torch::kFloat64   ? std::numeric_limits<double>::epsilon()
         : type == torch::kFloat32 ? std::numeric_limits<float>::epsilon()
                                   : 0x1p-8;  // bfloat16
}

}  // namespace

std::vector<int64_t> MemoryGraphImpl::Neurons::sizes(int64_t batch) const {
  std::vector<int64_t> result = {batch};
  result.insert(result.end(), shape.grid.begin(), shape.grid.end());
  result.push_back(shape.channels);
  return result;
}

MemoryGraphImpl::MemoryGraphImpl(const HamOptions& options, const BuildContext& context) {
  add_layers(options, context);
  add_connections(options, context);
  input_ = options.input_layer.empty() ? 0 : index_of(options.input_layer, "input_layer");
  output_ = options.output_layer.empty() ? input_ : index_of(options.output_layer, "output_layer");
  const Neurons& entry = layers_[input_];
  if (entry.motion == Motion::kAdiabatic) {
    throw Error("layer \"" + entry.name +
                "\" is adiabatic, so nothing can be put into it; name another input_layer");
  }
  if (entry.shape.grid != context.shape.grid || entry.shape.channels != context.shape.channels) {
    throw Error("layer \"" + entry.name + "\" is " + entry.shape.text() + ", what comes in is " +
                context.shape.text() + "; leave its shape out, or name another input_layer");
  }
}

void MemoryGraphImpl::add_layers(const HamOptions& options, const BuildContext& context) {
  if (options.layer.empty()) throw Error("a memory needs at least one layer");
  const auto list = register_module("layers", std::make_shared<torch::nn::Module>());
  for (const NeuronsOptions& each : options.layer) {
    Neurons neurons;
    neurons.name = each.name;
    if (each.name.empty() || each.name.find('.') != std::string::npos) {
      throw Error("\"" + each.name + "\" is no name for a layer; letters without a dot expected");
    }
    if (list->named_children().contains(each.name)) {
      throw Error("two layers are called \"" + each.name + "\"; give each a name of its own");
    }
    neurons.shape = shape_of(each, context);
    neurons.lagrangian =
        each.lagrangian.build_as("layers." + each.name, context.with_shape(neurons.shape));
    if (!neurons.lagrangian) {
      throw Error("layer \"" + each.name + "\": \"none\" is no Lagrangian");
    }
    list->register_module(each.name, neurons.lagrangian);
    neurons.time_constant = each.time_constant;
    neurons.decay = each.decay;
    neurons.motion = each.motion;
    if (each.motion == Motion::kAdiabatic && !each.decay) {
      throw Error("layer \"" + each.name +
                  "\" is adiabatic without decay, so it comes to rest nowhere");
    }
    const size_t index = layers_.size();
    (each.motion == Motion::kDynamic     ? moving_
     : each.motion == Motion::kAdiabatic ? adiabatic_
                                         : clamped_)
        .push_back(index);
    layers_.push_back(std::move(neurons));
  }
}

void MemoryGraphImpl::add_connections(const HamOptions& options, const BuildContext& context) {
  const auto list = register_module("synapses", std::make_shared<torch::nn::Module>());
  for (size_t c = 0; c < options.connection.size(); ++c) {
    const std::string name = std::to_string(c);
    Connection connection;
    BuildContext inner = context;
    inner.stage_shapes.clear();
    int64_t followers = 0;  // adiabatic layers among those that meet
    for (const std::string& layer : options.connection[c].layers) {
      const size_t index = index_of(layer, "connection[" + name + "]");
      layers_[index].meets.emplace_back(c, connection.layers.size());
      connection.layers.push_back(index);
      inner.stage_shapes.push_back(layers_[index].shape);
      if (layers_[index].motion == Motion::kAdiabatic) ++followers;
    }
    if (connection.layers.empty()) throw Error("connection[" + name + "] names no layer");
    inner.shape = inner.stage_shapes.front();
    connection.synapse = options.connection[c].synapse.build_as("synapses." + name, inner);
    if (!connection.synapse) throw Error("connection[" + name + "]: \"none\" is no synapse");
    connection.stored = options.connection[c].stored;
    list->register_module(name, connection.synapse);
    entangled_ |= followers > 1 || (followers == 1 && connection.synapse->acts_on_itself());
    connections_.push_back(std::move(connection));
  }
}

size_t MemoryGraphImpl::index_of(const std::string& name, const std::string& place) const {
  std::vector<std::string> names;
  for (size_t i = 0; i < layers_.size(); ++i) {
    if (layers_[i].name == name) return i;
    names.push_back(layers_[i].name);
  }
  throw Error(place + ": there is no layer \"" + name + "\"" + did_you_mean(name, names));
}

bool MemoryGraphImpl::is_guaranteed() const {
  const bool symmetric = std::all_of(connections_.begin(), connections_.end(), [](const auto& c) {
    return c.synapse->is_symmetric();
  });
  return symmetric && std::all_of(moving_.begin(), moving_.end(), [&](size_t i) {
           return layers_[i].lagrangian->is_convex();
         });
}

Tensors MemoryGraphImpl::activations_at(const Connection& connection, const Tensors& g) const {
  Tensors result;
  for (const size_t layer : connection.layers) result.push_back(g[layer]);
  return result;
}

torch::Tensor MemoryGraphImpl::synaptic_gradient(const MemoryState& state, size_t layer) const {
  torch::Tensor sum;
  for (const auto& [c, place] : layers_[layer].meets) {
    const Connection& connection = connections_[c];
    const torch::Tensor term =
        connection.synapse->gradient(activations_at(connection, state.g), place);
    sum = sum.defined() ? sum + term : term;
  }
  if (layer == input_ && state.current.defined()) {
    sum = sum.defined() ? sum - state.current : -state.current;
  }
  return sum;
}

torch::Tensor MemoryGraphImpl::slope(const MemoryState& state, size_t layer) const {
  const torch::Tensor synaptic = synaptic_gradient(state, layer);
  const torch::Tensor& x = state.x[layer];
  if (!layers_[layer].decay) return synaptic.defined() ? synaptic : torch::zeros_like(x);
  return synaptic.defined() ? x + synaptic : x;
}

void MemoryGraphImpl::sweep(MemoryState& state) const {
  for (const size_t layer : adiabatic_) {
    const torch::Tensor synaptic = synaptic_gradient(state, layer);
    state.x[layer] = synaptic.defined() ? -synaptic : torch::zeros_like(state.x[layer]);
    state.g[layer] = layers_[layer].lagrangian->gradient(state.x[layer]);
  }
}

void MemoryGraphImpl::settle(MemoryState& state) const {
  if (!entangled_) {
    sweep(state);
    return;
  }
  torch::Tensor moving;  // [B] samples that have not come to rest; where one does is its own affair
  for (int i = 0; i < kMostSweeps; ++i) {
    const MemoryState before = state;
    sweep(state);
    torch::Tensor exceeds;
    for (const size_t layer : adiabatic_) {
      const torch::Tensor x = state.x[layer].detach();
      const double unit = kSettled * unit_in_last_place(x.scalar_type());
      const torch::Tensor change = largest_of_each(x - before.x[layer].detach());
      const torch::Tensor here = change.le(unit * (1 + largest_of_each(x))).logical_not();
      exceeds = exceeds.defined() ? exceeds.logical_or(here) : here;
      if (!moving.defined()) continue;
      state.x[layer] = chosen(moving, state.x[layer], before.x[layer]);
      state.g[layer] = chosen(moving, state.g[layer], before.g[layer]);
    }
    moving = moving.defined() ? moving.logical_and(exceeds) : exceeds;
    if (!moving.any().item<bool>()) return;
  }
  throw Error("the adiabatic layers do not come to rest within " + std::to_string(kMostSweeps) +
              " sweeps; let one of them be dynamic, or weaken what connects them");
}

void MemoryGraphImpl::complete(MemoryState& state) const {
  state.g.resize(layers_.size());
  for (size_t i = 0; i < layers_.size(); ++i) {
    state.g[i] = layers_[i].lagrangian->gradient(state.x[i]);
  }
  settle(state);
}

void MemoryGraphImpl::update(MemoryState& state, size_t layer, torch::Tensor x) const {
  state.x[layer] = std::move(x);
  state.g[layer] = layers_[layer].lagrangian->gradient(state.x[layer]);
  settle(state);
}

Tensors MemoryGraphImpl::neuron_energies(const MemoryState& state) const {
  Tensors result;
  for (size_t i = 0; i < layers_.size(); ++i) {
    result.push_back(layers_[i].decay ? layers_[i].lagrangian->energy(state.x[i], state.g[i])
                                      : torch::Tensor());
  }
  return result;
}

Tensors MemoryGraphImpl::synapse_energies(const MemoryState& state) const {
  Tensors result;
  for (const Connection& connection : connections_) {
    result.push_back(connection.synapse->energy(activations_at(connection, state.g)));
  }
  return result;
}

torch::Tensor MemoryGraphImpl::energy(const MemoryState& state) const {
  torch::Tensor sum = torch::zeros({state.x[0].size(0)}, state.x[0].options());
  for (const torch::Tensor& each : neuron_energies(state)) {
    if (each.defined()) sum = sum + each;
  }
  for (const torch::Tensor& each : synapse_energies(state)) sum = sum + each;
  if (state.current.defined()) sum = sum - (state.current * state.g[input_]).flatten(1).sum(1);
  return sum;
}

}  // namespace mixwright::energy
