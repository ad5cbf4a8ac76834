// Every system of the zoo, as small as its golden case, learns eight pictures of noise by heart.

#include <algorithm>
#include <filesystem>
#include <iostream>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "framework/config/loader.h"
#include "framework/model/assemble.h"
#include "tests/support/paths.h"

namespace mixwright {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kSamples = 8;
constexpr int kSteps = 100;
constexpr double kShare = 0.1;  // of the loss at the beginning
constexpr double kRate = 5e-3;

fs::path golden_configs() {
  return test::source_dir() / "tests" / "golden" / "configs";
}

struct Built {
  std::shared_ptr<model::Network> network;
  model::InputSignal input;
};

Built build(const fs::path& file) {
  const config::LoadedConfig loaded = config::load(file.string());
  const auto factory = test::factory(loaded.root);
  Diagnostics diagnostics;
  const config::RunConfig config = config::read_config(loaded.root, *factory, diagnostics);
  diagnostics.throw_if_errors();
  Built built;
  built.input = model::input_signal(config, nullptr);
  torch::manual_seed(11);
  built.network = model::assemble(config, built.input, *factory);
  return built;
}

/// The first golden config of a system that ends in classes.
Built build_system(const std::string& system) {
  std::vector<fs::path> files;
  for (const auto& file : fs::directory_iterator(golden_configs() / system)) {
    files.push_back(file.path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    Built built = build(file);
    if (built.input.classes > 0) return built;
  }
  ADD_FAILURE() << system << ": no golden config with classes";
  return {};
}

class Memorise : public testing::TestWithParam<std::string> {
 protected:
  // Networks this small only wait for further threads.
  void SetUp() override { at::set_num_threads(1); }
};

TEST_P(Memorise, EightSamplesWithinAHundredSteps) {
  const Built built = build_system(GetParam());
  ASSERT_NE(built.network, nullptr);
  std::vector<int64_t> sizes = built.input.shape.grid;
  sizes.insert(sizes.begin(), kSamples);
  sizes.push_back(built.input.shape.channels);
  const torch::Tensor inputs = torch::randn(sizes);
  const torch::Tensor targets = torch::arange(kSamples).remainder(built.input.classes);
  std::vector<torch::Tensor> parameters;
  for (const auto& entry : built.network->trained_parameters()) parameters.push_back(entry.second);
  torch::optim::AdamW optimizer(parameters, torch::optim::AdamWOptions(kRate).weight_decay(0));
  built.network->train();
  double first = 0;
  double share = 1;
  int step = 0;
  for (; step <= kSteps; ++step) {
    optimizer.zero_grad();
    const torch::Tensor loss = torch::cross_entropy_loss(built.network->forward(inputs), targets);
    const double value = loss.item<double>();
    if (step == 0) first = value;
    share = value / first;
    if (share < kShare) break;
    const torch::Tensor penalty = built.network->penalty();
    (penalty.defined() ? loss + penalty : loss).backward();
    built.network->gather_shared_gradients();
    torch::nn::utils::clip_grad_norm_(parameters, 1.0);
    optimizer.step();
  }
  std::cout << "  " << 100 * share << " % of the loss after " << step << " steps\n";
  EXPECT_LT(share, kShare);
}

std::vector<std::string> golden_systems() {
  std::vector<std::string> systems;
  for (const auto& folder : fs::directory_iterator(golden_configs())) {
    systems.push_back(folder.path().filename());
  }
  std::sort(systems.begin(), systems.end());
  return systems;
}

INSTANTIATE_TEST_SUITE_P(AllSystems,
                         Memorise,
                         testing::ValuesIn(golden_systems()),
                         [](const testing::TestParamInfo<std::string>& info) {
                           return info.param;
                         });

TEST(MemoriseFiles, EverySystemOfTheZooHasAGoldenConfig) {
  for (const auto& folder : fs::directory_iterator(test::source_dir() / "configs" / "zoo")) {
    EXPECT_TRUE(fs::exists(golden_configs() / folder.path().filename())) << folder.path();
  }
}

}  // namespace
}  // namespace mixwright
