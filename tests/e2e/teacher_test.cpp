// Knowledge distillation: a run or a config with weights teaches another network.

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/config/loader.h"
#include "framework/train/checkpoint_difference.h"
#include "tests/e2e/training_scene.h"

namespace mixwright::e2e {
namespace {

using testing::HasSubstr;

class TeacherTest : public testing::Test {
 protected:
  TeacherTest() {
    const auto result = scene_.train("teacher", {"--set", "train.epochs=3"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
  }

  /// Trains two epochs of another seed, with further words.
  test::ProgramResult learn(const std::string& out, const std::vector<std::string>& sets) {
    std::vector<std::string> words = {"--set", "train.epochs=2", "--set", "seed=5"};
    for (const std::string& set : sets) words.insert(words.end(), {"--set", set});
    return scene_.train(out, words);
  }

  void expect_refused(const std::vector<std::string>& sets, const std::string& text) {
    const auto result = learn("refused", sets);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_THAT(result.err, HasSubstr(text));
    EXPECT_FALSE(std::filesystem::exists(scene_.path("refused")));
  }

  std::string difference(const std::string& a, const std::string& b) {
    return train::checkpoint_difference(scene_.path(a) / "last", scene_.path(b) / "last");
  }

  double first_loss(const std::string& out) {
    return scene_.metrics(out).front().at("loss").get<double>();
  }

  TrainingScene scene_;
  const std::string teacher_ = "train.teacher.from=teacher";
};

TEST_F(TeacherTest, WithoutWeightItChangesNothingAndWithItTheLossIsTheMixture) {
  ASSERT_EQ(learn("alone", {"train.log_every=1"}).exit_code, 0);
  for (const char* weight : {"0", "0.25", "1"}) {
    const auto result =
        learn(std::string("by-") + weight,
              {teacher_, "train.log_every=1", std::string("train.teacher.weight=") + weight});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.err, HasSubstr("learning from"));
  }
  EXPECT_EQ(difference("alone", "by-0"), "");
  EXPECT_NE(difference("alone", "by-1"), "");
  // The first step's weights and batch are the same, so its loss is the weighted mean of the two.
  const double own = first_loss("by-0");
  const double taught = first_loss("by-1");
  EXPECT_NE(own, taught);
  EXPECT_NEAR(first_loss("by-0.25"), 0.75 * own + 0.25 * taught, 1e-6 * own);
}

TEST_F(TeacherTest, SoftScoresTeachWithoutALabel) {
  const auto result = learn("soft",
                            {teacher_,
                             "train.teacher.weight=1",
                             "train.epochs=6",
                             R"(train.task={type="classification", distillation="soft"})"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto last = scene_.metrics("soft").back();
  EXPECT_GT(last.at("accuracy").get<double>(), 0.6) << last;  // chance is a third
}

TEST_F(TeacherTest, ARunIsResumedToTheBitThoughItsTeacherGoesOn) {
  const std::vector<std::string> sets = {teacher_, "train.teacher.weight=0.5"};
  ASSERT_EQ(learn("whole", sets).exit_code, 0);
  ASSERT_EQ(scene_
                .train("cut",
                       {"--set",
                        "train.epochs=2",
                        "--set",
                        "seed=5",
                        "--set",
                        teacher_,
                        "--set",
                        "train.teacher.weight=0.5",
                        "--stop-after",
                        "9"})
                .exit_code,
            0);
  const auto config = config::load((scene_.path("cut") / "config.toml").string());
  const ConfigValue& teacher = *config.root.find("train")->find("teacher");
  EXPECT_EQ(teacher.find("from")->as_string(), scene_.path("teacher").string());
  EXPECT_THAT(teacher.find("checkpoint")->as_string(), testing::StartsWith("step-"));
  const auto rest = scene_.run({"train", "cut", "--resume"});
  ASSERT_EQ(rest.exit_code, 0) << rest.err;
  EXPECT_EQ(difference("whole", "cut"), "");
  expect_same_run(scene_, "whole", "cut");
  // A measure needs no teacher.
  std::filesystem::rename(scene_.path("teacher"), scene_.path("elsewhere"));
  EXPECT_EQ(scene_.run({"evaluate", "cut"}).exit_code, 0);
}

TEST_F(TeacherTest, AConfigWithWeightsTeachesAsItsRunDoes) {
  const std::string weights = (scene_.path("teacher") / "best" / "model.safetensors").string();
  ASSERT_EQ(learn("by-run", {teacher_}).exit_code, 0);
  const auto result =
      learn("by-config",
            {"train.teacher={from=\"" + scene_.config() + "\", weights=\"" + weights + "\"}"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(difference("by-run", "by-config"), "");
}

TEST_F(TeacherTest, WhatCannotTeachIsRefusedBeforeAnythingIsWritten) {
  expect_refused({"train.teacher.from=nobody"}, "nobody is not there; a run's folder or a config");
  expect_refused({"train.teacher={from=\"teacher\", checkpoint=\"step-1\"}"},
                 "has no checkpoint \"step-1\"");
  expect_refused({"train.teacher={from=\"teacher\", weights=\"x.safetensors\"}"},
                 "which has its own weights");
  expect_refused({"train.teacher={from=\"" + scene_.config() + "\"}"},
                 "name their safetensors file");
  std::ofstream(scene_.path("large.toml")) << R"(format = 1
[model]
input = { shape = [12, 12, 1], classes = 3 }
head = "classifier"
[[model.stage]]
embedding = { type = "patch", size = 2 }
dim = 8
block = "parallel"
token_mixer = "pooling"
channel_mixer = "mlp"
norm = "layer_norm"
)";
  expect_refused(
      {"train.teacher={from=\"large.toml\", weights=\"teacher/best/model.safetensors\"}"},
      "model.input says [12, 12, 1]");
}

TEST_F(TeacherTest, ATaskThatLearnsFromNoTeacherSaysSo) {
  const auto result = scene_.train(
      "refused",
      {"--plugin-path", traps().string(), "--set", teacher_, "--set", "train.task=deaf"});
  EXPECT_EQ(result.exit_code, 2) << result.err;
  EXPECT_THAT(result.err, HasSubstr("the task \"deaf\" learns from no teacher"));
}

}  // namespace
}  // namespace mixwright::e2e
