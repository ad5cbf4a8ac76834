#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include <mixwright/inference.h>
#include <mixwright/kinds.h>

#include "row_products.h"
#include "tensor_values.h"

namespace mixwright {

namespace {

class Sequence final : public AddingLayer {
 public:
  explicit Sequence(std::vector<LayerPtr> layers) : layers_(std::move(layers)) {}
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override {
    return run(layers_.back(), before_last(x, context), context);
  }
  torch::Tensor added_to(const torch::Tensor& sum,
                         const torch::Tensor& x,
                         const Context& context) override {
    return added(sum, layers_.back(), before_last(x, context), context);
  }

 private:
  torch::Tensor before_last(const torch::Tensor& x, const Context& context) const {
    torch::Tensor y = x;
    for (size_t i = 0; i + 1 < layers_.size(); ++i) y = run(layers_[i], y, context);
    return y;
  }

  std::vector<LayerPtr> layers_;
};

/// Type and device of a layer's weights, or what is usual.
torch::TensorOptions options_of(const Layer& layer) {
  const std::vector<torch::Tensor> parameters = layer.parameters();
  return parameters.empty() ? torch::TensorOptions() : parameters.front().options();
}

/// The map of channels that a norm is, on features of `shape`.
std::optional<ChannelMap> map_of(const LayerPtr& layer, const Shape& shape) {
  if (layer->repeat() != 1 || dynamic_cast<const Normalization*>(layer.get()) == nullptr) return {};
  return channel_map(
      layer, shape.channels, static_cast<int64_t>(shape.grid.size()), options_of(*layer));
}

std::optional<ChannelMap> joined(const std::optional<ChannelMap>& first,
                                 const std::optional<ChannelMap>& second) {
  return first && second ? first->then(*second) : (first ? first : second);
}

/// Takes a norm or an activation along behind a layer; false where it is neither.
bool add_follower(const LayerPtr& follower, Surroundings& around) {
  if (follower->repeat() != 1 || around.activation) return false;
  if (const auto* activation = dynamic_cast<const Activation*>(follower.get())) {
    if (activation->function_name().empty()) return false;
    around.activation = follower;
    return true;
  }
  const auto map = map_of(follower, follower->out_shape());
  if (!map) return false;
  around.after = joined(around.after, map);
  return true;
}

/// Takes along what stands behind a whole list.
bool add_behind(const Surroundings& behind, Surroundings& around) {
  if (around.activation && (behind.after || behind.activation)) return false;
  around.after = joined(around.after, behind.after);
  if (behind.activation) around.activation = behind.activation;
  return true;
}

/// One layer in place of several.
struct Fusion {
  LayerPtr form;
  size_t count = 1;  // of layers that it stands for
};

/// The form of layers[main] that takes most of what follows along, and a norm before it.
Fusion fuse_around(const std::vector<LayerPtr>& layers,
                   size_t main,
                   const std::optional<ChannelMap>& before,
                   const Surroundings& behind) {
  const LayerPtr& layer = layers[main];
  if (layer->repeat() != 1) return {};
  std::vector<Surroundings> tries = {{.before = before, .after = {}, .activation = {}}};
  for (size_t next = main + 1; next < layers.size(); ++next) {
    Surroundings more = tries.back();
    if (!add_follower(layers[next], more)) break;
    tries.push_back(more);
  }
  for (; !tries.empty(); tries.pop_back()) {
    Surroundings around = tries.back();
    if (main + tries.size() == layers.size() && !add_behind(behind, around)) continue;
    const LayerPtr form =
        around.empty() ? layer->for_inference() : layer->for_inference_within(around);
    if (!form) continue;
    if (form->path().empty()) form->set_identity(layer->path(), layer->component());
    return {form, tries.size()};
  }
  return {};
}

/// The best for layers[first] and what follows it; no form where it must run as it is.
Fusion fuse_from(const std::vector<LayerPtr>& layers, size_t first, const Surroundings& around) {
  const auto before = first == 0 ? around.before : std::nullopt;
  if (first + 1 < layers.size()) {
    if (const auto map = map_of(layers[first], layers[first]->out_shape())) {
      Fusion fusion = fuse_around(layers, first + 1, joined(before, map), around);
      ++fusion.count;
      if (fusion.form) return fusion;
    }
  }
  return fuse_around(layers, first, before, around);
}

}  // namespace

ChannelMap ChannelMap::then(const ChannelMap& next) const {
  return {scale * next.scale, shift * next.scale + next.shift};
}

std::string Surroundings::function() const {
  const auto* known = dynamic_cast<const Activation*>(activation.get());
  return known == nullptr ? "" : known->function_name();
}

std::optional<ChannelMap> channel_map(const LayerPtr& layer,
                                      int64_t channels,
                                      int64_t rank,
                                      const torch::TensorOptions& options) {
  const auto plain = torch::TensorOptions().dtype(torch::kFloat64);
  if (!layer) return ChannelMap{torch::ones({channels}, plain), torch::zeros({channels}, plain)};
  std::vector<int64_t> shape = {1};
  shape.insert(shape.end(), static_cast<size_t>(rank), 3);
  shape.push_back(channels);
  const auto asked = options.requires_grad(false);
  const auto ask = [&](const torch::Tensor& x) { return in_float64(run(layer, x, Context{})); };
  try {
    const torch::Tensor shift = ask(torch::zeros(shape, asked)).flatten(0, -2)[0];
    const torch::Tensor scale = ask(torch::ones(shape, asked)).flatten(0, -2)[0] - shift;
    // Not of LibTorch's default generator: asking must not change what is drawn after it.
    const torch::Tensor x =
        torch::arange(torch::ones(shape).numel(), asked).mul(0.7).sin().view(shape);
    const torch::Tensor expected = in_float64(x) * scale + shift;
    const torch::Tensor answer = ask(x);
    if (answer.sizes() != x.sizes() || !torch::allclose(answer, expected, 1e-4, 1e-5)) {
      return std::nullopt;
    }
    return ChannelMap{scale, shift};
  } catch (const Error&) {  // it works on its own grid alone, so it is no map of channels
    return std::nullopt;
  }
}

LayerPtr fused(const std::vector<LayerPtr>& all, const Surroundings& around) {
  std::vector<LayerPtr> layers;
  std::copy_if(all.begin(), all.end(), std::back_inserter(layers), [](const LayerPtr& layer) {
    return layer != nullptr;
  });
  std::vector<LayerPtr> forms;
  bool is_faster = false;
  for (size_t first = 0; first < layers.size();) {
    const Fusion fusion = fuse_from(layers, first, around);
    const LayerPtr& layer = layers[first];
    const bool is_first = first == 0;
    first += fusion.form ? fusion.count : 1;
    if (!fusion.form) {
      const bool is_last = first == layers.size();
      if (is_first && around.before) return nullptr;
      if (is_last && (around.after || around.activation)) return nullptr;
    }
    is_faster = fusion.form || layer->use_inference_form() || is_faster;
    forms.push_back(fusion.form ? fusion.form : layer);
  }
  if (!is_faster) return nullptr;
  forms = with_joined_products(forms);
  if (forms.size() == 1) return forms.front();
  auto sequence = std::make_shared<Sequence>(forms);
  sequence->set_out_shape(layers.back()->out_shape());
  sequence->eval();
  return sequence;
}

}  // namespace mixwright
