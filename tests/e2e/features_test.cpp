// mixwright features: what stages give, against the network's own answer and its parts.

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <torch/torch.h>

#include <mixwright/picture.h>

#include "framework/io/safetensors.h"
#include "tests/e2e/training_scene.h"
#include "tests/support/refusal.h"

namespace mixwright::e2e {
namespace {

using test::expect_refusal;

constexpr const char* kTwoStages = R"(name = "two"
[model]
input = { shape = [8, 8, 3], classes = 5 }
head = "classifier"
[[model.stage]]
embedding = { type = "patch", size = 2 }
dim = 6
block = "serial"
channel_mixer = "mlp"
[[model.stage]]
embedding = { type = "patch_merging" }
dim = 10
block = "serial"
token_mixer = "pooling"
)";

class FeaturesCommand : public testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(scene_.path("two.toml")) << kTwoStages;
    torch::manual_seed(3);
    x_ = torch::randn({70, 8, 8, 3});  // more than a batch
    io::write_safetensors(scene_.path("x.safetensors"), {{"x", x_}});
  }
  test::ProgramResult features(std::vector<std::string> more) {
    more.insert(more.begin(), "features");
    more.insert(more.end(), {"--out", "f.safetensors"});
    return scene_.run(more);
  }
  std::map<std::string, torch::Tensor> written() {
    return io::load_safetensors(scene_.path("f.safetensors"));
  }

  TrainingScene scene_;
  torch::Tensor x_;
};

TEST_F(FeaturesCommand, StagesOfAConfig) {
  const auto result =
      features({"two.toml", "x.safetensors", "--stages", "last,0,1,embedding,pooled,answer"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  auto tensors = written();
  ASSERT_EQ(tensors.size(), 5u);
  EXPECT_EQ(tensors.at("embedding").sizes(), (std::vector<int64_t>{70, 4, 4, 6}));
  EXPECT_EQ(tensors.at("stage.0").sizes(), (std::vector<int64_t>{70, 4, 4, 6}));
  EXPECT_EQ(tensors.at("stage.1").sizes(), (std::vector<int64_t>{70, 2, 2, 10}));
  EXPECT_FALSE(torch::equal(tensors.at("embedding"), tensors.at("stage.0")));
  EXPECT_TRUE(
      torch::allclose(tensors.at("pooled"), tensors.at("stage.1").mean({1, 2}), 1e-5, 1e-6));

  const auto forward =
      scene_.run({"forward", "two.toml", "--input", "x.safetensors", "--output", "y.safetensors"});
  ASSERT_EQ(forward.exit_code, 0) << forward.err;
  const torch::Tensor y = io::load_safetensors(scene_.path("y.safetensors")).at("y");
  EXPECT_TRUE(torch::allclose(tensors.at("answer"), y, 1e-5, 1e-6));
}

TEST_F(FeaturesCommand, PicturesAreNormalisedAndStandInTheirOrder) {
  const torch::Tensor dark = torch::full({8, 8, 3}, 51, torch::kUInt8);
  const torch::Tensor light = torch::full({8, 8, 3}, 204, torch::kUInt8);
  write_png(scene_.path("b.png").string(), dark);
  write_png(scene_.path("a.png").string(), light);
  const std::vector<std::string> same = {"--mean", "0.5", "--std", "0.25", "--stages", "0"};
  std::vector<std::string> pictures = {"two.toml", "b.png", "a.png"};
  pictures.insert(pictures.end(), same.begin(), same.end());
  const auto result = features(pictures);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const torch::Tensor of_pictures = written().at("stage.0");
  const auto file = io::SafetensorsFile::open(scene_.path("f.safetensors"));
  EXPECT_EQ(file.metadata().at("inputs"), R"(["b.png","a.png"])");

  const torch::Tensor values = (torch::stack({dark, light}).to(torch::kFloat32) / 255 - 0.5) / 0.25;
  io::write_safetensors(scene_.path("x.safetensors"), {{"x", values}});
  ASSERT_EQ(features({"two.toml", "x.safetensors", "--stages", "0"}).exit_code, 0);
  EXPECT_TRUE(torch::allclose(of_pictures, written().at("stage.0"), 1e-5, 1e-6));
}

TEST_F(FeaturesCommand, ARunAnswersWithItsTrainedWeights) {
  const auto trained = scene_.train("run", {"--set", "train.epochs=1"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  io::write_safetensors(scene_.path("x.safetensors"), {{"x", torch::rand({3, 8, 8, 1})}});
  const auto result = features({"run", "x.safetensors", "--stages", "answer"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto forward = scene_.run({"forward",
                                   "run",
                                   "--weights",
                                   "run/best/model.safetensors",
                                   "--input",
                                   "x.safetensors",
                                   "--output",
                                   "y.safetensors"});
  ASSERT_EQ(forward.exit_code, 0) << forward.err;
  EXPECT_TRUE(torch::allclose(written().at("answer"),
                              io::load_safetensors(scene_.path("y.safetensors")).at("y"),
                              1e-5,
                              1e-6));
}

TEST_F(FeaturesCommand, WrongUsageIsOneLine) {
  expect_refusal(
      features({"two.toml", "x.safetensors", "--stages", "0,2"}), 2, {"\"2\"", "0 to 1"});
  expect_refusal(features({"two.toml", "x.safetensors", "--stages", ""}), 2, {"nothing to take"});
  expect_refusal(features({"two.toml", "a.png"}), 2, {"--mean and --std"});
  expect_refusal(features({"two.toml", "x.safetensors", "b.png"}), 2, {"b.png", "pictures alone"});
  expect_refusal(features({"two.toml", "x.safetensors", "--checkpoint", "last"}), 2, {"--weights"});
  expect_refusal(features({"two.toml", "no.png", "--mean", "0", "--std", "1"}), 1, {"no.png"});
  EXPECT_FALSE(std::filesystem::exists(scene_.path("f.safetensors")));
  io::write_safetensors(scene_.path("x.safetensors"), {{"x", torch::zeros({2, 8, 8, 4})}});
  expect_refusal(features({"two.toml", "x.safetensors"}), 1, {"channels last"});
}

}  // namespace
}  // namespace mixwright::e2e
