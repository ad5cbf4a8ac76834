#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/train/checkpoint_difference.h"
#include "tests/e2e/training_scene.h"

namespace mixwright::e2e {
namespace {

using testing::HasSubstr;

/// All that has a state or draws at once: 23 batches, two a step, are 12 steps an epoch.
std::vector<std::string> with_everything(const std::string& workers) {
  std::vector<std::string> words;
  for (const std::string& set :
       {std::string("train.epochs=2"),
        std::string("train.accumulate=2"),
        std::string("train.repeats=2"),
        std::string("train.ema={ decay = 0.9 }"),
        std::string("train.not_finite=skip"),
        std::string("model.stage[0].recompute=true"),
        std::string(
            "train.transforms=[{ type = \"random_crop\", padding = 1 }, { type = \"mixup\", "
            "probability = 0.5 }, { type = \"cutmix\", probability = 0.5 }]"),
        "train.workers=" + workers}) {
    words.insert(words.end(), {"--set", set});
  }
  return words;
}

class ResumeTest : public testing::Test {
 protected:
  void train(const std::string& out, std::vector<std::string> words, int64_t stop_after) {
    words.insert(words.end(), {"--stop-after", std::to_string(stop_after)});
    const auto result = scene_.train(out, std::move(words));
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }

  std::string difference(const std::string& a, const std::string& b) {
    return train::checkpoint_difference(scene_.path(a) / "last", scene_.path(b) / "last");
  }

  TrainingScene scene_;
};

TEST_F(ResumeTest, IsBitEqualFromAnyStepWithAnyWorkersAndEverythingOn) {
  train("whole", with_everything("1"), 0);
  // Within an epoch, at its last step and at its end, after the next one's first, before the end.
  for (const int64_t stop : {1, 5, 11, 12, 13, 23}) {
    for (const char* workers : {"0", "1", "2"}) {
      const std::string out = "cut-" + std::to_string(stop) + "-" + workers;
      train(out, with_everything(workers), stop);
      const auto rest = scene_.run({"train", out, "--resume"});
      ASSERT_EQ(rest.exit_code, 0) << rest.err;
      EXPECT_EQ(difference("whole", out), "") << "stopped after step " << stop;
    }
  }
}

TEST_F(ResumeTest, TheComparisonSeesOneBit) {
  train("a", {"--set", "train.epochs=1"}, 3);
  train("b", {"--set", "train.epochs=1"}, 3);
  EXPECT_EQ(difference("a", "b"), "");
  train("c", {"--set", "train.epochs=1", "--set", "train.optimizer.eps=1.0001e-8"}, 3);
  EXPECT_THAT(difference("a", "c"), HasSubstr(".safetensors: \""));
}

TEST_F(ResumeTest, VerifyResumeProvesItAndSaysWhereItFails) {
  std::vector<std::string> words = {"verify-resume", scene_.config(), "--steps", "14"};
  const std::vector<std::string> sets = with_everything("2");
  words.insert(words.end(), sets.begin(), sets.end());
  const auto good = scene_.run(words);
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr("bit-equal: stopped and resumed after steps 1, 4, 8, 13"));
  const auto few = scene_.run({"verify-resume", scene_.config(), "--steps", "1"});
  EXPECT_EQ(few.exit_code, 2);
  const auto broken = scene_.run({"verify-resume", scene_.config(), "--set", "train.batch_size=0"});
  EXPECT_EQ(broken.exit_code, 1);
  EXPECT_THAT(broken.err, HasSubstr("train.batch_size"));
}

}  // namespace
}  // namespace mixwright::e2e
