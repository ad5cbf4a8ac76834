// Runs that train nothing: a network is measured as it begins, or with samples that it stores.

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/io/safetensors.h"
#include "tests/e2e/training_scene.h"
#include "tests/support/refusal.h"

namespace mixwright::e2e {
namespace {

using testing::HasSubstr;

constexpr const char* kMemory = R"(format = 1
name = "memory"
seed = 3
[data]
type = "patterns"
count = 10
shape = [32, 1]
[model]
head = "none"
[model.network]
type = "ham"
solver = "flips"
order = "in_turn"
layer = [{ name = "v" },
  { name = "k", classes = true, motion = "adiabatic", lagrangian = { type = "polynomial", power = 3 } }]
connection = [{ layers = ["k", "v"], stored = true }]
[train]
task = "retrieval"
epochs = 0
device = "cpu"
)";

class Stored : public testing::Test {
 protected:
  void SetUp() override { test::write_file(scene_.path("memory.toml"), kMemory); }

  test::ProgramResult train(const std::string& out, std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"train", "memory.toml", "--out", out, "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return scene_.run(words);
  }

  double retrieved(const std::string& out) {
    return nlohmann::json::parse(scene_.bytes(out, "result.json"))
        .at("test")
        .at("metrics")
        .at("retrieved")
        .get<double>();
  }

  torch::Tensor weights(const std::string& out) {
    return io::load_safetensors(scene_.path(out) / "last/model.safetensors")
        .at("network.synapses.0.weight");
  }

  TrainingScene scene_;
};

TEST_F(Stored, PatternsComeBackAsFarAsThereIsRoom) {
  const auto few = train("few");
  ASSERT_EQ(few.exit_code, 0) << few.err;
  EXPECT_THAT(few.err, HasSubstr("the network stores 10 training samples"));
  EXPECT_EQ(retrieved("few"), 1);
  // Half of about 65 come back (configs/studies/capacity.toml); of ten times as many hardly any.
  ASSERT_EQ(train("many", {"--set", "data.count=650", "--set", "data.limit_test=50"}).exit_code, 0);
  EXPECT_LT(retrieved("many"), 0.1);
  const auto lines = scene_.metrics("few");
  ASSERT_EQ(lines.size(), 1U) << "one validation and no step";
  EXPECT_EQ(lines[0].at("epoch"), 0);
  EXPECT_EQ(lines[0].at("step"), 0);
  const torch::Tensor weight = weights("few");
  EXPECT_EQ(weight.sizes(), torch::IntArrayRef({10, 32}));
  EXPECT_TRUE(weight.abs().equal(torch::ones_like(weight)));

  const auto again = scene_.run({"evaluate", "few", "--json"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(nlohmann::json::parse(again.out).at("metrics").at("retrieved"), 1);
  EXPECT_EQ(train("few", {"--resume"}).exit_code, 0) << "a finished run is as it is";
}

// The dataset is told no seed, so it takes the run's.
TEST_F(Stored, ThePatternsDependOnTheRunsSeed) {
  ASSERT_EQ(train("a").exit_code, 0);
  ASSERT_EQ(train("b").exit_code, 0);
  ASSERT_EQ(train("c", {"--set", "seed=4"}).exit_code, 0);
  ASSERT_EQ(train("d", {"--set", "seed=4", "--set", "data.seed=3"}).exit_code, 0);
  EXPECT_TRUE(weights("a").equal(weights("b")));
  EXPECT_FALSE(weights("a").equal(weights("c")));
  EXPECT_TRUE(weights("a").equal(weights("d")));
  EXPECT_EQ(scene_.bytes("a", "last/model.safetensors"),
            scene_.bytes("b", "last/model.safetensors"));
}

TEST_F(Stored, RefusesMoreRoomThanSamples) {
  const auto result = train("a", {"--set", "data.limit_train=9"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("stores 10 samples, the training split has 9"));
}

TEST_F(Stored, ANetworkIsMeasuredAsItBegins) {
  const auto result = scene_.train("untrained", {"--set", "train.epochs=0"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_LT(scene_.metrics("untrained").back().at("accuracy").get<double>(), 0.6);
  ASSERT_EQ(scene_.train("trained").exit_code, 0);
  const auto measured =
      scene_.train("measured", {"--set", "train.epochs=0", "--set", "train.start.from=trained"});
  ASSERT_EQ(measured.exit_code, 0) << measured.err;
  EXPECT_EQ(nlohmann::json::parse(scene_.bytes("measured", "result.json")).at("test").at("metrics"),
            nlohmann::json::parse(scene_.bytes("trained", "result.json")).at("test").at("metrics"));
}

}  // namespace
}  // namespace mixwright::e2e
