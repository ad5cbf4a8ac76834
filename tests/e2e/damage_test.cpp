// What goes wrong with data, with a run's folder and within components while a training runs.

#include <signal.h>
#include <sys/wait.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/training_scene.h"
#include "tests/support/refusal.h"
#include "tests/unit/data/picture_files.h"

namespace mixwright::e2e {
namespace {

namespace fs = std::filesystem;
using test::expect_refusal;
using testing::ContainsRegex;
using testing::HasSubstr;

class DamageTest : public testing::Test {
 protected:
  /// Trains on the traps' noise with these options; a checkpoint after each step.
  test::ProgramResult train_on_noise(const std::string& options,
                                     const std::vector<std::string>& sets = {}) {
    std::vector<std::string> words = {"--plugin-path",
                                      traps().string(),
                                      "--set",
                                      "data={ type = \"noise\", " + options + " }",
                                      "--set",
                                      "train.epochs=1",
                                      "--set",
                                      "train.holdout=0",
                                      "--set",
                                      "train.checkpoint.every_steps=1"};
    for (const std::string& set : sets) words.insert(words.end(), {"--set", set});
    return scene_.train("run", words);
  }

  TrainingScene scene_;
};

TEST_F(DamageTest, NanInASampleStopsAndNamesIt) {
  const auto result = train_on_noise("nan_at = 17");
  expect_refusal(result, 1, {"at step ", "from the input of sample 17: training stopped"});
  const auto lines = scene_.metrics("run");
  const auto step = lines.back().at("step").get<int64_t>();
  ASSERT_GT(step, 1);
  EXPECT_THAT(result.err, HasSubstr("at step " + std::to_string(step) + " "));
  EXPECT_THAT(result.err, HasSubstr("last good checkpoint is"));
  EXPECT_EQ(lines.back().at("kind"), "not_finite");
  EXPECT_EQ(lines.back().at("part"), "input");
  EXPECT_EQ(lines.back().at("samples"), nlohmann::json::array({17}));
  EXPECT_EQ(fs::read_symlink(scene_.path("run/last")),
            "checkpoints/step-" + std::to_string(step - 1));
  const auto evaluated = scene_.run(
      {"evaluate", "run", "--checkpoint", "last", "--json", "--plugin-path", traps().string()});
  ASSERT_EQ(evaluated.exit_code, 0) << evaluated.err;
  EXPECT_TRUE(nlohmann::json::parse(evaluated.out).at("metrics").at("loss").is_number());
}

TEST_F(DamageTest, NanInASampleIsLeftOutWhereAsked) {
  const auto result = train_on_noise("nan_at = 17", {"train.not_finite=skip"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, ContainsRegex("from the input of sample 17: step left out"));
  int left_out = 0;
  for (const auto& line : scene_.metrics("run")) left_out += line.at("kind") == "not_finite";
  EXPECT_EQ(left_out, 1);
  EXPECT_EQ(fs::read_symlink(scene_.path("run/last")), "checkpoints/step-6");
}

TEST_F(DamageTest, ALabelBeyondTheClassesIsNamed) {
  expect_refusal(train_on_noise("label_at = 17, label = 3"),
                 1,
                 {"dataset \"noise\": ", "label 3 of sample 17", "0 to 2 expected"});
  EXPECT_TRUE(fs::exists(scene_.path("run/last/state.toml"))) << "it came at a later step";
  fs::remove_all(scene_.path("run"));
  expect_refusal(train_on_noise("label_at = 17, label = -1"), 1, {"label -1 of sample 17"});
}

TEST_F(DamageTest, ATruncatedPictureIsNamedWhenItsTurnComes) {
  const std::string whole = test::jpeg_bytes(test::slopes(8, 8, 1));
  for (const char* folder : {"train", "test"}) {
    for (int i = 0; i < 64; ++i) {
      const std::string name = std::to_string(i) + ".jpg";
      test::write_file(scene_.path("jpeg") / folder / (i % 2 == 0 ? "a" : "b") / name, whole);
    }
  }
  const std::vector<std::string> words = {"--set",
                                          "data={ type = \"image_folder\", folder = \"" +
                                              scene_.path("jpeg").string() +
                                              "\", size = 8, channels = 1 }",
                                          "--set",
                                          "train.epochs=1",
                                          "--set",
                                          "train.holdout=0"};
  ASSERT_EQ(scene_.train("good", words).exit_code, 0);
  const fs::path cut = scene_.path("jpeg/train/a/40.jpg");
  test::write_file(cut, whole.substr(0, whole.size() / 2));
  expect_refusal(
      scene_.train("run", words), 1, {cut.string() + ": is a damaged or cut-off JPEG file"});
}

TEST_F(DamageTest, TruncatedCifarIsNamed) {
  for (const char* name : {"data_batch_1", "data_batch_2", "data_batch_3"}) {
    const std::string file =
        test::write_file(scene_.path("cifar") / (std::string(name) + ".bin"), "");
    fs::resize_file(file, 30'730'000);  // zeros that take no room
  }
  fs::resize_file(scene_.path("cifar/data_batch_2.bin"), 30'000'000);
  expect_refusal(scene_.train("run",
                              {"--set",
                               "data={ type = \"cifar10\", folder = \"" +
                                   scene_.path("cifar").string() + "\" }"}),
                 2,
                 {"data_batch_2.bin: 30730000 bytes expected", "file has 30000000"});
  EXPECT_FALSE(fs::exists(scene_.path("run")));
}

TEST_F(DamageTest, AFolderThatVanishesIsNotMadeAgain) {
  const std::string gate = scene_.path("gate").string();
  const pid_t process = scene_.start(
      "run",
      {"--plugin-path",
       traps().string(),
       "--set",
       "model.stage[0].token_mixer={ type = \"gate\", gate = \"" + gate + "\", call = 5 }",
       "--set",
       "train.checkpoint.every_steps=3",
       "--set",
       "train.log_every=1"});
  ASSERT_TRUE(wait_until(process, [&] { return fs::exists(gate + ".reached"); }));
  fs::remove_all(scene_.path("run"));
  test::write_file(gate, "");
  const int status = wait_for_end(process);
  ASSERT_TRUE(WIFEXITED(status));
  test::ProgramResult result;
  result.exit_code = WEXITSTATUS(status);
  result.err = scene_.bytes(".", "run.log");
  expect_refusal(result,
                 1,
                 {scene_.path("run").string() + ": the checkpoint of step 6 cannot be written",
                  "No such file or directory",
                  "the run's folder is gone"});
  EXPECT_FALSE(fs::exists(scene_.path("run")));
}

TEST_F(DamageTest, VerifyResumeSeesAStateThatNoCheckpointHolds) {
  const auto verify = [&](const char* mixer) {
    return scene_.run({"verify-resume",
                       scene_.config(),
                       "--steps",
                       "8",
                       "--plugin-path",
                       traps().string(),
                       "--set",
                       "model.stage[0].token_mixer=" + std::string(mixer),
                       "--out",
                       scene_.path(std::string("verify-") + mixer).string()});
  };
  const auto good = verify("gate");
  EXPECT_EQ(good.exit_code, 0) << good.err;
  expect_refusal(verify("hidden_state"),
                 1,
                 {"a resumed training ends elsewhere: model.safetensors: \"",
                  "\" differs by up to ",
                  "no parameter and no buffer"});
}

}  // namespace
}  // namespace mixwright::e2e
