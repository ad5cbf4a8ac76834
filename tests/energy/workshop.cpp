#include "tests/energy/workshop.h"

#include <gtest/gtest.h>

#include "framework/config/components.h"
#include "framework/config/toml_reader.h"
#include "framework/io/safetensors.h"
#include "tests/support/paths.h"

extern "C" const mixwright::PluginDescriptor MIXWRIGHT_DESCRIPTOR;

namespace mixwright::energy {

namespace {

/// This plugin's components out of this program, all others out of their libraries.
class Workshop final : public ComponentFactory {
 public:
  std::shared_ptr<void> make(const std::string& kind,
                             const ConfigValue& value,
                             const BuildContext& context) const override {
    Diagnostics diagnostics;
    const ConfigValue table = config::resolve_component(value, nullptr, diagnostics, kind);
    diagnostics.throw_if_errors();
    if (table.is_nothing()) return nullptr;
    const std::string name = table.find("type")->as_string();
    for (int32_t i = 0; i < MIXWRIGHT_DESCRIPTOR.component_count; ++i) {
      const ComponentEntry& entry = MIXWRIGHT_DESCRIPTOR.components[i];
      if (kind != entry.kind || name != entry.name) continue;
      CreateResult result;
      entry.create(table, context, result);
      if (!result.object) throw Error(result.error);
      return result.object;
    }
    BuildContext other = context;
    static const auto libraries = test::factory(ConfigValue::table());
    other.factory = libraries.get();
    return libraries->make(kind, value, other);
  }
  void check(const std::string&, const ConfigValue&, Diagnostics&) const override {}
};

const Workshop kWorkshop;

BuildContext context_for(const Shape& incoming) {
  BuildContext context;
  context.shape = incoming;
  context.input = incoming;
  context.dim = incoming.channels;
  context.factory = &kWorkshop;
  return context;
}

template <class Kind>
std::shared_ptr<typename Kind::Interface> make(const std::string& toml,
                                               const BuildContext& context) {
  const ConfigValue options = config::parse_toml(toml, "test");
  auto part = std::static_pointer_cast<typename Kind::Interface>(
      kWorkshop.make(Kind::kKind, options, context));
  part->to(torch::kFloat64);
  return part;
}

}  // namespace

std::shared_ptr<Lagrangian> make_lagrangian(const std::string& toml, const Shape& shape) {
  return make<Lagrangian>(toml, context_for(shape));
}

std::shared_ptr<Synapse> make_synapse(const std::string& toml, const std::vector<Shape>& layers) {
  BuildContext context = context_for(layers.front());
  context.stage_shapes = layers;
  return make<Synapse>(toml, context);
}

std::shared_ptr<Ham> make_ham(const std::string& toml, const Shape& incoming) {
  return std::dynamic_pointer_cast<Ham>(
      make<Network>("type = \"ham\"\n" + toml, context_for(incoming)));
}

LayerPtr make_block(const std::string& toml, const Shape& shape) {
  BuildContext context = context_for(shape);
  context.place.in_block = true;
  return make<Block>(toml, context);
}

Shape shape(std::vector<int64_t> sizes) {
  Shape result;
  result.channels = sizes.back();
  sizes.pop_back();
  result.grid = std::move(sizes);
  return result;
}

MemoryState random_state(const Ham& ham) {
  MemoryState state;
  for (const auto& layer : ham.graph().layers()) {
    state.x.push_back(torch::randn(layer.sizes(2), torch::kFloat64) * 1.5);
  }
  ham.graph().complete(state);
  return state;
}

std::map<std::string, torch::Tensor> golden(const std::string& file) {
  auto tensors = io::load_safetensors(test::source_dir() / "tests" / "golden" / "data" /
                                      (file + ".safetensors"));
  for (auto& [name, tensor] : tensors) tensor = tensor.to(torch::kFloat64);
  return tensors;
}

double absolute_error(const torch::Tensor& a, const torch::Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  return (a.detach() - b.detach()).abs().max().item<double>();
}

double relative_error(const torch::Tensor& a, const torch::Tensor& b) {
  const double scale = b.detach().abs().max().item<double>();
  return absolute_error(a, b) / (scale > 0 ? scale : 1);
}

void set_parameter(torch::nn::Module& module, const std::string& name, const torch::Tensor& value) {
  const torch::NoGradGuard no_grad;
  torch::Tensor* parameter = module.named_parameters().find(name);
  ASSERT_NE(parameter, nullptr) << name;
  ASSERT_EQ(parameter->sizes(), value.sizes()) << name;
  parameter->copy_(value);
}

}  // namespace mixwright::energy
