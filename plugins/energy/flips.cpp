#include "flips.h"

#include <mixwright/error.h>

namespace mixwright::energy {

namespace {

/// x with the sign of one unit changed where `where` [B] says so.
torch::Tensor with_flip(const torch::Tensor& x, int64_t unit, const torch::Tensor& where) {
  torch::Tensor flipped = x.clone(torch::MemoryFormat::Contiguous);
  torch::Tensor column = flipped.view({x.size(0), -1}).select(1, unit);  // [B]
  column.copy_(torch::where(where, -column, column));
  return flipped;
}

/// x as it is; whoever asks for the gradient of what comes of it is told that there is none.
class WithoutGradient : public torch::autograd::Function<WithoutGradient> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext*,
                               const torch::Tensor& x,
                               const torch::Tensor&) {
    return x.clone();
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext*,
                                                 const torch::autograd::variable_list&) {
    throw Error(
        "solver = \"flips\" has no gradients; train with solver = \"steps\", or not at all "
        "(train.epochs = 0)");
  }
};

}  // namespace

Swept swept(const MemoryGraphImpl& graph, const MemoryState& state, Order order) {
  MemoryState now = state;  // what a unit sees of the others
  Tensors moved = state.x;
  torch::Tensor energy = graph.energy(state);  // [B]
  const torch::Tensor everywhere = torch::ones_like(energy, torch::kBool);
  torch::Tensor changed = torch::zeros_like(everywhere);
  for (const size_t layer : graph.moving()) {
    const int64_t units = moved[layer].flatten(1).size(1);
    for (int64_t unit = 0; unit < units; ++unit) {
      MemoryState tried = now;
      graph.update(tried, layer, with_flip(now.x[layer], unit, everywhere));
      const torch::Tensor other = graph.energy(tried);
      const torch::Tensor lower = other < energy;
      moved[layer] = with_flip(moved[layer], unit, lower);
      changed.logical_or_(lower);
      if (order == Order::kTogether) continue;
      now.x[layer] = moved[layer];  // `tried` makes the activations anew
      energy = torch::where(lower, other, energy);
    }
    if (order == Order::kInTurn) graph.update(now, layer, moved[layer]);
  }
  now.x = std::move(moved);
  graph.complete(now);
  return {std::move(now), changed.any().item<bool>()};
}

MemoryState settled_by_flips(const MemoryGraphImpl& graph,
                             MemoryState state,
                             Order order,
                             int64_t sweeps) {
  {
    const torch::NoGradGuard no_grad;
    bool changes = true;
    for (int64_t i = 0; i < sweeps && changes; ++i) {
      Swept sweep = swept(graph, state, order);
      state = std::move(sweep.state);
      changes = sweep.changed;
    }
  }
  const std::vector<torch::Tensor> parameters = graph.parameters();
  if (!torch::GradMode::is_enabled() || parameters.empty()) return state;
  for (const size_t layer : graph.moving()) {
    state.x[layer] = WithoutGradient::apply(state.x[layer], parameters.front());
  }
  graph.complete(state);
  return state;
}

}  // namespace mixwright::energy
