// mixwright memory: sheets and numbers of a run's channel mixer.

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include <mixwright/picture.h>

#include "tests/e2e/training_scene.h"
#include "tests/support/refusal.h"

namespace mixwright::e2e {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::expect_refusal;
using testing::HasSubstr;

class Memory : public testing::Test {
 protected:
  void SetUp() override {
    const auto trained = scene_.train("run", {"--set", "train.epochs=2"});
    ASSERT_EQ(trained.exit_code, 0) << trained.err;
  }
  test::ProgramResult memory(std::vector<std::string> more) {
    more.insert(more.begin(), {"memory", "run"});
    return scene_.run(more);
  }
  json file(const std::string& name) const { return json::parse(std::ifstream(scene_.path(name))); }

  TrainingScene scene_;
};

TEST_F(Memory, DrawsTheStrongestKeysAndWritesTheirNumbers) {
  const auto result = memory({"--keys", "3", "--top", "5", "--out", "keys"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("3 sheets and memory.json in keys"));
  const json told = file("keys/memory.json");
  EXPECT_EQ(told["part"], "stage[0].block[1].channel_mixer");
  EXPECT_EQ(told["total_keys"], 32);  // 2 x 16
  EXPECT_EQ(told["grid"], json({4, 4}));
  EXPECT_EQ(told["samples"], 60);
  ASSERT_EQ(told["keys"].size(), 3U);
  for (const json& key : told["keys"]) {
    const PictureInfo sheet =
        read_picture_info((scene_.path("keys") / key["sheet"].get<std::string>()).string());
    EXPECT_GT(sheet.width, 600);
    EXPECT_GT(sheet.height, 300);
    ASSERT_EQ(key["triggers"].size(), 5U);
    double last = 1e30;
    for (const json& trigger : key["triggers"]) {
      EXPECT_LE(trigger["coefficient"].get<double>(), last);
      last = trigger["coefficient"];
      EXPECT_EQ(trigger["height"], 2);
      EXPECT_LT(trigger["sample"].get<int64_t>(), 60);
    }
    EXPECT_EQ(key["adds"].size(), 3U);
    EXPECT_EQ(key["projected"].size(), 3U);
    EXPECT_GE(key["adds"][0]["score"].get<double>(), key["adds"][2]["score"].get<double>());
  }
}

TEST_F(Memory, RepeatsAndPrintsWhatItWrites) {
  const auto first = memory({"--block", "0", "--key", "4", "--key", "1", "--json"});
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const json told = json::parse(first.out);
  EXPECT_EQ(told["part"], "stage[0].block[0].channel_mixer");
  EXPECT_EQ(told["keys"][0]["key"], 4);
  EXPECT_EQ(told["keys"][1]["key"], 1);
  EXPECT_EQ(told, file("run/memory/stages.0.blocks.0.channel_mixer/memory.json"));
  const auto again =
      memory({"--part", "stages.0.blocks.0.channel_mixer", "--key", "4", "--key", "1", "--json"});
  EXPECT_EQ(again.out, first.out);
}

TEST_F(Memory, RefusesWhatIsNotThere) {
  expect_refusal(memory({"--block", "2"}), 2, {"--block 2: there are 2, counted from 0"});
  expect_refusal(memory({"--stage", "1"}), 2, {"--stage 1: there are 1, counted from 0"});
  expect_refusal(memory({"--key", "32"}), 2, {"--key 32: a number from 0 to 31 expected"});
  expect_refusal(memory({"--key", "-1"}), 2, {"--key -1: a number from 0 to 31 expected"});
  expect_refusal(memory({"--top", "0"}), 2, {"--top 0: 1 or more pictures expected"});
  expect_refusal(memory({"--part", "stages.0.blocks.0.token_mixer"}),
                 2,
                 {"--part stages.0.blocks.0.token_mixer is no key-value memory of this network",
                  "stage[0].block[0].channel_mixer"});
}

TEST_F(Memory, ANetworkWithoutAnySaysSo) {
  const auto trained = scene_.train(
      "other", {"--set", "train.epochs=1", "--set", "model.stage[0].channel_mixer=linear"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  expect_refusal(scene_.run({"memory", "other"}),
                 2,
                 {"other: none of its layers can be read as a memory of keys and values"});
}

}  // namespace
}  // namespace mixwright::e2e
