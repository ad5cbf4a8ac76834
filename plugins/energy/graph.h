#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ham_options.h"

namespace mixwright::energy {

using Tensors = std::vector<torch::Tensor>;

/// Where a memory is: of every layer state x and activation g, and the constant current that comes
/// in. A value: tensors are replaced, never written into.
struct MemoryState {
  Tensors x;
  Tensors g;
  torch::Tensor current;  ///< into the input layer; undefined for none
};

/// Layers of neurons and the synapses that they meet in: any graph.
///
///   E = sum_layers (<g, x> - L(x)) + sum_synapses E_s(g) - <u, g_input>
///
/// A layer without decay has no energy of its own.
/// Tensors: `layers.NAME.*` of the Lagrangians, `synapses.0.*` in the order of connections.
/// Source: Krotov 2021, arXiv:2107.06446 eq. 1-6.
class MemoryGraphImpl : public torch::nn::Module {
 public:
  /// `context.shape` is what comes in.
  MemoryGraphImpl(const HamOptions& options, const BuildContext& context);

  struct Neurons {
    std::string name;
    Shape shape;
    std::shared_ptr<Lagrangian> lagrangian;
    double time_constant = 1;
    bool decay = true;
    Motion motion = Motion::kDynamic;
    std::vector<std::pair<size_t, size_t>> meets;  // connection, and the layer's place in it
    std::vector<int64_t> sizes(int64_t batch) const;
  };
  struct Connection {
    std::vector<size_t> layers;
    std::shared_ptr<Synapse> synapse;
    bool stored = false;  // its weights begin as samples
  };

  const std::vector<Neurons>& layers() const { return layers_; }
  const std::vector<Connection>& connections() const { return connections_; }
  /// Layers that move in time.
  const std::vector<size_t>& moving() const { return moving_; }
  const std::vector<size_t>& clamped() const { return clamped_; }
  const std::vector<size_t>& adiabatic() const { return adiabatic_; }
  size_t input() const { return input_; }
  size_t output() const { return output_; }

  /// Whether theory promises that the energy never rises along the flow: symmetric synapses, and
  /// convex Lagrangians in all layers that move in time.
  bool is_guaranteed() const;
  /// Whether adiabatic layers look at one another or at themselves, so that one look at the others
  /// does not bring them to rest.
  bool is_entangled() const { return entangled_; }

  /// Fills g and the adiabatic layers from the x of the others.
  void complete(MemoryState& state) const;
  /// Recomputes g of one layer, then all adiabatic ones.
  void update(MemoryState& state, size_t layer, torch::Tensor x) const;
  /// Of all layers those that meet there, in the synapse's order.
  Tensors activations_at(const Connection& connection, const Tensors& g) const;
  /// dE/dg of one layer: [B, ...] as its x.
  torch::Tensor slope(const MemoryState& state, size_t layer) const;
  /// Of each sample, [B]. One entry for each layer, undefined where it has no decay, and for each
  /// connection.
  Tensors neuron_energies(const MemoryState& state) const;
  Tensors synapse_energies(const MemoryState& state) const;
  torch::Tensor energy(const MemoryState& state) const;

 private:
  void add_layers(const HamOptions& options, const BuildContext& context);
  void add_connections(const HamOptions& options, const BuildContext& context);
  size_t index_of(const std::string& name, const std::string& place) const;
  /// Sum of the synapses' gradients, without the layer's own; undefined where nothing meets it.
  torch::Tensor synaptic_gradient(const MemoryState& state, size_t layer) const;
  void settle(MemoryState& state) const;
  /// One sweep over the adiabatic layers.
  void sweep(MemoryState& state) const;

  std::vector<Neurons> layers_;
  std::vector<Connection> connections_;
  std::vector<size_t> moving_;
  std::vector<size_t> adiabatic_;
  std::vector<size_t> clamped_;
  size_t input_ = 0;
  size_t output_ = 0;
  bool entangled_ = false;
};
TORCH_MODULE(MemoryGraph);

}  // namespace mixwright::energy
