// A memory as a config: the whole network with a read-out, and a block among others.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/config/loader.h"
#include "framework/model/assemble.h"
#include "framework/model/summary.h"
#include "tests/energy/workshop.h"
#include "tests/support/paths.h"

namespace mixwright::energy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kWhole = R"([model]
input = { shape = [4, 4, 2], classes = 3 }
head = "classifier"
[model.network]
type = "ham"
output_layer = "label"
output = "activation"
[[model.network.layer]]
name = "picture"
lagrangian = "layer_norm"
[[model.network.layer]]
name = "label"
shape = [1, 6]
lagrangian = { type = "softmax", beta = 2 }
[[model.network.connection]]
layers = ["label", "picture"]
synapse = { type = "dense", init_std = 0.3 }
)";

constexpr const char* kBlock = R"([model]
input = { shape = [4, 4, 2], classes = 3 }
head = "classifier"
[[model.stage]]
embedding = { type = "patch", size = 2 }
dim = 8
depth = 2
block = "ham"
steps = 2
layer = [
  { name = "visible", lagrangian = { type = "layer_norm", learned = "elementwise" } },
  { name = "hidden", channels = 12, lagrangian = "gelu", motion = "adiabatic" } ]
connection = [{ layers = ["hidden", "visible"], synapse = { type = "shared", axis = "channels" } }]
)";

struct Built {
  Diagnostics diagnostics;
  std::shared_ptr<model::PartFactory> factory;
  config::RunConfig config;
  std::shared_ptr<model::Network> network;
};

Built build(const std::string& text) {
  Built built;
  const config::LoadedConfig loaded = config::load_text(text, "t.toml");
  built.factory = test::factory(loaded.root);
  built.config = config::read_config(loaded.root, *built.factory, built.diagnostics);
  if (!built.diagnostics.ok()) return built;
  torch::manual_seed(1);
  built.network =
      model::assemble(built.config, model::input_signal(built.config, nullptr), *built.factory);
  return built;
}

TEST(NetworkKind, IsAssembledWithItsHead) {
  const Built built = build(kWhole);
  ASSERT_TRUE(built.diagnostics.ok()) << built.diagnostics.text();
  EXPECT_THAT(built.network->named_parameters().keys(),
              ElementsAre("network.synapses.0.weight", "head.fc.weight", "head.fc.bias"));
  const torch::Tensor scores = built.network->forward(torch::randn({5, 4, 4, 2}));
  EXPECT_EQ(scores.sizes(), torch::IntArrayRef({5, 3}));
  scores.square().sum().backward();
  for (const auto& [name, parameter] : built.network->trained_parameters()) {
    EXPECT_GT(parameter.grad().abs().max().item<double>(), 0) << name;
  }
}

TEST(NetworkKind, IsCounted) {
  const Built built = build(kWhole);
  ASSERT_TRUE(built.network);
  const auto summary = model::summarize_without_values(
      built.config, model::input_signal(built.config, nullptr), *built.factory);
  EXPECT_EQ(summary.parameters, 32 * 6 + 6 * 3 + 3);
}

TEST(NetworkKind, HasNoStagesBeside) {
  const Built built = build(std::string(kWhole) + "[[model.stage]]\nblock = \"serial\"\n");
  EXPECT_THAT(built.diagnostics.text(),
              HasSubstr("t.toml:18:9: model.stage stands beside model.network"));
}

TEST(NetworkKind, ErrorsNameThePlace) {
  std::string text = kWhole;
  text.replace(text.find("output_layer"), 12, "outputlayer");
  EXPECT_THAT(
      build(text).diagnostics.text(),
      HasSubstr("t.toml:6:1: unknown option \"outputlayer\" of network \"ham\"; did you mean "
                "\"output_layer\"?"));
  text = kWhole;
  text.replace(text.find("\"softmax\""), 9, "\"softmin\"");
  EXPECT_THAT(build(text).diagnostics.text(), HasSubstr("\"softmin\""));
  text = kWhole;
  text.replace(text.find("[\"label\", \"picture\"]"), 20, "[\"labels\", \"picture\"]");
  std::string reason;
  try {
    build(text);
  } catch (const BuildError& error) {
    reason = error.what();
  }
  EXPECT_THAT(reason,
              HasSubstr("network (ham, libenergy.so): connection[0]: there is no layer \"labels\"; "
                        "did you mean \"label\"?"));
}

TEST(NetworkKind, AMemoryIsABlockAmongOthers) {
  const Built built = build(kBlock);
  ASSERT_TRUE(built.diagnostics.ok()) << built.diagnostics.text();
  EXPECT_THAT(built.network->named_parameters().keys(),
              testing::IsSupersetOf({"stages.0.blocks.0.layers.visible.affine.gamma",
                                     "stages.0.blocks.1.synapses.0.weight"}));
  const torch::Tensor scores = built.network->forward(torch::randn({5, 4, 4, 2}));
  EXPECT_EQ(scores.sizes(), torch::IntArrayRef({5, 3}));
  scores.square().sum().backward();
  for (const auto& [name, parameter] : built.network->trained_parameters()) {
    EXPECT_TRUE(parameter.grad().defined()) << name;
  }
}

TEST(NetworkKind, TrainsAsABlock) {
  const Built built = build(kBlock);
  ASSERT_TRUE(built.network);
  const torch::Tensor x = torch::randn({12, 4, 4, 2});
  const torch::Tensor labels = torch::arange(12).remainder(3);
  torch::optim::Adam adam(built.network->parameters(), torch::optim::AdamOptions(1e-2));
  const auto loss = [&] { return torch::cross_entropy_loss(built.network->forward(x), labels); };
  const double before = loss().item<double>();
  for (int i = 0; i < 200; ++i) {
    adam.zero_grad();
    loss().backward();
    adam.step();
  }
  EXPECT_LT(loss().item<double>(), 0.3 * before);
}

}  // namespace
}  // namespace mixwright::energy
