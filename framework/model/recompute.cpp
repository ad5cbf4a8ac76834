#include "framework/model/recompute.h"

#include <utility>
#include <vector>

#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>

#include <mixwright/graph_node.h>

#include "framework/model/random_state.h"

namespace mixwright::model {

namespace {

/// Autocast as it was when the object was made.
class AutocastState {
 public:
  explicit AutocastState(c10::DeviceType device)
      : device_(device == c10::DeviceType::Meta ? c10::DeviceType::CPU
                                                : device),  // it knows no meta
        enabled_(at::autocast::is_autocast_enabled(device_)),
        dtype_(at::autocast::get_autocast_dtype(device_)) {}
  void apply() const {
    at::autocast::set_autocast_enabled(device_, enabled_);
    at::autocast::set_autocast_dtype(device_, dtype_);
  }

 private:
  c10::DeviceType device_;
  bool enabled_;
  at::ScalarType dtype_;
};

/// Keeps autocast from reusing casts of weights: those made without a graph would cut it.
class NoCastCache {
 public:
  NoCastCache() : was_(at::autocast::is_autocast_cache_enabled()) {
    at::autocast::set_autocast_cache_enabled(false);
  }
  NoCastCache(const NoCastCache&) = delete;
  NoCastCache& operator=(const NoCastCache&) = delete;
  ~NoCastCache() { at::autocast::set_autocast_cache_enabled(was_); }

 private:
  bool was_;
};

/// Puts everything back that a second forward pass would move.
class Unmoved {
 public:
  Unmoved(const LayerPtr& layer, c10::DeviceType device) : autocast_(device) {
    for (const torch::Tensor& buffer : layer->buffers()) kept_.emplace_back(buffer, buffer.clone());
  }
  Unmoved(const Unmoved&) = delete;
  Unmoved& operator=(const Unmoved&) = delete;
  ~Unmoved() {
    const torch::NoGradGuard no_grad;
    for (auto& [buffer, before] : kept_) buffer.copy_(before);
    autocast_.apply();
    random_.restore();
  }

 private:
  RandomState random_;
  AutocastState autocast_;
  std::vector<std::pair<torch::Tensor, torch::Tensor>> kept_;
};

struct RecomputeBackward : public torch::autograd::Node {
  RecomputeBackward(LayerPtr of, const torch::Tensor& x, Context with)
      : layer(std::move(of)),
        context(std::move(with)),
        input(x.detach()),
        needs_input(x.requires_grad()),
        autocast(x.device().type()) {}

  torch::autograd::variable_list apply(torch::autograd::variable_list&& gradients) override {
    torch::Tensor x = input.detach();
    x.requires_grad_(needs_input);
    {
      const Unmoved unmoved(layer, x.device().type());
      const NoCastCache no_cache;
      random.restore();
      autocast.apply();
      const torch::AutoGradMode with_graph(true);
      const torch::Tensor y = (*layer)(x, context);
      torch::autograd::backward({y}, {gradients[0]});
    }
    return {x.grad()};
  }

  void release_variables() override { input = torch::Tensor(); }

  LayerPtr layer;
  Context context;
  torch::Tensor input;
  bool needs_input;
  RandomState random;
  AutocastState autocast;
};

}  // namespace

torch::Tensor recomputed(const LayerPtr& layer, const torch::Tensor& x, const Context& context) {
  RecomputeBackward* made = nullptr;
  const GraphNode node = make_graph_node(made, layer, x, context);
  torch::Tensor y;
  {
    const torch::NoGradGuard no_grad;
    const NoCastCache no_cache;
    y = (*layer)(x.detach(), context);
  }
  if (y.is_alias_of(x)) y = y.clone();
  node->set_next_edges(torch::autograd::collect_next_edges(x));
  torch::autograd::set_history(y, node);
  return y;
}

}  // namespace mixwright::model
