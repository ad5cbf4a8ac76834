// Options of FFNet that no published size has: squeeze-excite and a layer norm behind the stages.

#include <gtest/gtest.h>

#include "framework/config/loader.h"
#include "framework/model/assemble.h"
#include "tests/support/paths.h"

namespace mixwright {
namespace {

std::shared_ptr<model::Network> trained_a_little() {
  const config::LoadedConfig loaded = config::load(
      (test::source_dir() / "tests" / "zoo" / "configs" / "ffnet_options.toml").string());
  const auto factory = test::factory(loaded.root);
  Diagnostics diagnostics;
  const config::RunConfig config = config::read_config(loaded.root, *factory, diagnostics);
  diagnostics.throw_if_errors();
  torch::manual_seed(4);
  auto network = model::assemble(config, model::input_signal(config, nullptr), *factory);
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : network->parameters()) {
    parameter.add_(torch::randn_like(parameter) * 0.05);
  }
  for (int i = 0; i < 3; ++i) network->forward(torch::randn({4, 64, 64, 3}));  // moves statistics
  network->eval();
  return network;
}

LayerPtr layer_at(const model::Network& network, const std::string& path) {
  return std::dynamic_pointer_cast<Layer>(network.named_modules()[path]);
}

TEST(FfnetOptions, SqueezeExciteStandsBehindTheTokenResidualOfEvenBlocks) {
  const auto network = trained_a_little();
  const torch::NoGradGuard no_grad;
  const torch::Tensor x = torch::randn({2, 16, 16, 16});
  const std::string even = "stages.0.blocks.0.steps.";
  const auto part = [&](const std::string& path, const torch::Tensor& in) {
    return run(layer_at(*network, path), in, Context{});
  };
  torch::Tensor y = x + part(even + "0.layers.0", x);
  y = part(even + "1.layers.0", y);  // without residual
  y = y + part(even + "2.layers.0", y);
  EXPECT_TRUE(torch::allclose(part("stages.0.blocks.0", x), y, 1e-5, 1e-6));
  EXPECT_EQ(network->named_modules().contains("stages.0.blocks.1.steps"), false);
  EXPECT_NE(layer_at(*network, "stages.0.blocks.1.token_mixer"), nullptr);
}

TEST(FfnetOptions, TheReparameterisedFormAgrees) {
  const auto network = trained_a_little();
  const torch::NoGradGuard no_grad;
  const torch::Tensor x = torch::randn({2, 64, 64, 3});
  const torch::Tensor expected = network->forward(x);
  ASSERT_GT(network->use_inference_forms(), 0);
  const double error =
      ((network->forward(x) - expected).abs().max() / expected.abs().max()).item<double>();
  std::cout << "  output " << error << "\n";
  EXPECT_LT(error, 1e-5);
}

}  // namespace
}  // namespace mixwright
