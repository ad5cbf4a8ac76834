// mixwright recall: a memory that was trained, asked about pictures.

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <torch/torch.h>

#include <mixwright/picture.h>

#include "framework/io/safetensors.h"
#include "tests/e2e/training_scene.h"
#include "tests/support/refusal.h"

namespace mixwright::e2e {
namespace {

namespace fs = std::filesystem;
using test::expect_refusal;

constexpr const char* kMemory = R"([model]
head = "classifier"
[model.network]
type = "ham"
step_size = 0.05
steps = 3
layer = [
  { name = "picture", lagrangian = "layer_norm" },
  { name = "hidden", shape = [20], lagrangian = "relu" } ]
connection = [{ layers = ["hidden", "picture"], synapse = { type = "dense", init_std = 0.2 } }]
)";

class Recall : public testing::Test {
 protected:
  void SetUp() override {
    std::ifstream in(scene_.config());
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    std::ofstream(scene_.path("memory.toml")) << text.substr(0, text.find("[model]")) << kMemory;
    const auto trained =
        scene_.run({"train", "memory.toml", "--out", "memory", "--set", "train.epochs=1"});
    ASSERT_EQ(trained.exit_code, 0) << trained.err;
    torch::manual_seed(1);
    for (const char* name : {"a.png", "b.png"}) {
      write_png(scene_.path(name).string(), torch::randint(256, {8, 8, 1}, torch::kUInt8));
    }
  }

  TrainingScene scene_;
};

TEST_F(Recall, TellsTheEnergyOfEveryStep) {
  const auto told = scene_.run({"recall",
                                "memory",
                                "a.png",
                                "b.png",
                                "--steps",
                                "40",
                                "--json",
                                "--states",
                                "way.safetensors"});
  ASSERT_EQ(told.exit_code, 0) << told.err;
  const auto json = nlohmann::json::parse(told.out);
  ASSERT_EQ(json.at("time").size(), 41U);
  ASSERT_EQ(json.at("pictures").size(), 2U);
  const auto way = io::load_safetensors(scene_.path("way.safetensors"));
  EXPECT_EQ(way.at("shown").sizes(), torch::IntArrayRef({41, 2, 8, 8, 1}));
  for (size_t i = 0; i < 2; ++i) {
    const auto energies = json.at("pictures")[i].at("energy").get<std::vector<double>>();
    for (size_t step = 0; step + 1 < energies.size(); ++step) {
      // A symmetric memory with convex Lagrangians goes down; float32 rounds.
      EXPECT_LE(energies[step + 1], energies[step] + 1e-3) << step;
      EXPECT_EQ(way.at("energy")[static_cast<int64_t>(step)][static_cast<int64_t>(i)].item<float>(),
                static_cast<float>(energies[step]));
    }
    EXPECT_LT(energies.back(), energies.front() - 0.1);
  }
}

TEST_F(Recall, DrawsTheSequenceAndTheEnergy) {
  const auto told = scene_.run({"recall", "memory", "a.png", "--plot"});
  ASSERT_EQ(told.exit_code, 0) << told.err;
  EXPECT_THAT(told.out, testing::HasSubstr("recall_energy.svg"));
  const torch::Tensor sheet = read_picture(scene_.path("memory/plots/recall.png").string());
  EXPECT_EQ(sheet.size(1), 2 * 16 + 10 * (112 + 8) - 8);
  EXPECT_GT(fs::file_size(scene_.path("memory/plots/recall_energy.png")), 1000U);
}

// In place of pictures: what the run's own task would ask about its data.
TEST_F(Recall, RunsOnSamplesOfTheRunsData) {
  const auto told = scene_.run({"recall",
                                "memory",
                                "--samples",
                                "25",
                                "--steps",
                                "4",
                                "--json",
                                "--plot",
                                "--states",
                                "w.safetensors"});
  ASSERT_EQ(told.exit_code, 0) << told.err;
  const auto json = nlohmann::json::parse(told.out);
  ASSERT_EQ(json.at("pictures").size(), 25U);
  EXPECT_EQ(json.at("pictures")[24].at("sample"), 24);
  const auto way = io::load_safetensors(scene_.path("w.safetensors"));
  EXPECT_EQ(way.at("shown").sizes(), torch::IntArrayRef({5, 25, 8, 8, 1}));
  EXPECT_EQ(read_picture(scene_.path("memory/plots/recall.png").string()).size(1),
            2 * 16 + 5 * (112 + 8) - 8);
  // Of many samples the table tells three figures.
  const auto table = scene_.run({"recall", "memory", "--samples", "25", "--steps", "4"});
  EXPECT_THAT(table.out, testing::ContainsRegex("step +time +least +median +greatest"));
}

TEST_F(Recall, RefusesWhatDoesNotRecall) {
  const auto trained = scene_.train("run", {"--set", "train.epochs=1"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  expect_refusal(scene_.run({"recall", "run", "a.png"}), 2, {"run: its network does not recall"});
  expect_refusal(scene_.run({"recall", "memory", "a.png", "--steps", "0"}), 2, {"--steps 0"});
  expect_refusal(scene_.run({"recall", "memory"}), 2, {"or --samples 10"});
  expect_refusal(
      scene_.run({"recall", "memory", "a.png", "--samples", "3"}), 2, {"or --samples 10"});
  expect_refusal(scene_.run({"recall", "memory", "--samples", "-1"}), 2, {"--samples -1"});
}

}  // namespace
}  // namespace mixwright::e2e
