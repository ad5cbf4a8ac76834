// A training that is asked to stop: in start-up, in a step, in validation, in a save, twice.

#include <signal.h>
#include <sys/wait.h>

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/training_scene.h"

namespace mixwright::e2e {
namespace {

namespace fs = std::filesystem;

/// Whether SIGTERM still has the process's own handler; it has not once that has run.
bool catches_sigterm(pid_t process) {
  std::ifstream in("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("SigCgt:")) continue;
    return (std::stoull(line.substr(7), nullptr, 16) >> (SIGTERM - 1) & 1U) != 0;
  }
  return false;
}

class StopTest : public testing::Test {
 protected:
  /// 47 steps an epoch, 3 batches a validation and the test; with a gate that waits for the file of
  /// its name.
  std::vector<std::string> words(const std::string& gate, int call, bool evaluation = false) const {
    const std::string mixer = "{ type = \"gate\", gate = \"" + scene_.path(gate).string() +
                              "\", call = " + std::to_string(call) +
                              ", evaluation = " + (evaluation ? "true" : "false") + " }";
    std::vector<std::string> words = {"--plugin-path", traps().string()};
    for (const std::string& set :
         {std::string("data={ type = \"noise\", samples = 1500, test_samples = 750 }"),
          "model.stage[0].token_mixer=" + mixer,
          std::string("train.holdout=0.5"),
          std::string("train.epochs=2"),
          std::string("train.log_every=1")}) {
      words.insert(words.end(), {"--set", set});
    }
    return words;
  }
  std::vector<std::string> more(std::vector<std::string> words, const std::string& set) const {
    words.insert(words.end(), {"--set", set});
    return words;
  }

  /// The same training without a stop.
  void train_whole(const std::vector<std::string>& words) {
    test::write_file(scene_.path("open"), "");
    std::vector<std::string> changed = words;
    for (std::string& word : changed) {
      const size_t at = word.find("/closed\"");
      if (at != std::string::npos) word.replace(at, 8, "/open\"");
    }
    const auto whole = scene_.train("whole", changed);
    ASSERT_EQ(whole.exit_code, 0) << whole.err;
  }

  bool wait_for_gate(pid_t process) const {
    return wait_until(process, [&] { return fs::exists(scene_.path("closed.reached")); });
  }
  void open_gate() const { test::write_file(scene_.path("closed"), ""); }

  /// It ended by itself, with a checkpoint.
  void expect_stopped(pid_t process) {
    const int status = wait_for_end(process);
    ASSERT_TRUE(WIFEXITED(status)) << "ended by signal " << WTERMSIG(status);
    EXPECT_EQ(WEXITSTATUS(status), 128 + SIGTERM) << scene_.bytes(".", "cut.log");
    EXPECT_TRUE(fs::exists(scene_.path("cut/last/state.toml")));
    expect_nothing_unfinished(scene_.path("cut"));
  }

  /// SIGTERM comes while it waits at the gate.
  void stop_at_the_gate(const std::vector<std::string>& gated) {
    const pid_t process = scene_.start("cut", gated);
    ASSERT_TRUE(wait_for_gate(process));
    ::kill(process, SIGTERM);
    open_gate();
    expect_stopped(process);
  }

  void expect_resumes_to_the_same() {
    const auto rest = scene_.run({"train", "cut", "--resume", "--plugin-path", traps().string()});
    ASSERT_EQ(rest.exit_code, 0) << rest.err;
    expect_same_run(scene_, "whole", "cut");
  }

  size_t validations() const {
    size_t count = 0;
    for (const auto& line : scene_.metrics("cut")) count += line.at("kind") == "validation";
    return count;
  }

  TrainingScene scene_;
};

TEST_F(StopTest, BeforeAnythingIsWrittenNothingIsLeft) {
  const std::vector<std::string> waiting =
      more(words("open", 1),
           "data={ type = \"noise\", gate = \"" + scene_.path("closed").string() + "\" }");
  const pid_t process = scene_.start("cut", waiting);
  ASSERT_TRUE(wait_for_gate(process));
  ::kill(process, SIGTERM);
  EXPECT_TRUE(WIFSIGNALED(wait_for_end(process)));
  EXPECT_FALSE(fs::exists(scene_.path("cut")));
  open_gate();
  test::write_file(scene_.path("open"), "");
  EXPECT_EQ(scene_.train("cut", waiting).exit_code, 0);
}

TEST_F(StopTest, FromTheFirstFileOnThereIsARunToGoOnWith) {
  const std::vector<std::string> plain = words("open", 1);
  train_whole(plain);
  for (const char* file : {"run.lock", "checkpoints", "config.toml", "environment.json"}) {
    SCOPED_TRACE(file);
    fs::remove_all(scene_.path("cut"));
    const pid_t process = scene_.start("cut", plain);
    ASSERT_TRUE(wait_until(process, [&] { return fs::exists(scene_.path("cut") / file); }));
    ::kill(process, SIGTERM);
    expect_stopped(process);
  }
  expect_resumes_to_the_same();
}

TEST_F(StopTest, InTheFirstStep) {
  const std::vector<std::string> gated = words("closed", 1);
  train_whole(gated);
  ASSERT_NO_FATAL_FAILURE(stop_at_the_gate(gated));
  EXPECT_EQ(scene_.metrics("cut").size(), 1U);
  expect_resumes_to_the_same();
}

TEST_F(StopTest, InAValidationWhichIsThenDoneAgain) {
  const std::vector<std::string> gated = words("closed", 2, /*evaluation=*/true);
  train_whole(gated);
  ASSERT_NO_FATAL_FAILURE(stop_at_the_gate(gated));
  EXPECT_EQ(validations(), 0U) << "the third batch was still to come";
  expect_resumes_to_the_same();
}

TEST_F(StopTest, InTheLastBatchOfAValidation) {
  const std::vector<std::string> gated = words("closed", 3, /*evaluation=*/true);
  train_whole(gated);
  ASSERT_NO_FATAL_FAILURE(stop_at_the_gate(gated));
  EXPECT_EQ(validations(), 1U);
  expect_resumes_to_the_same();
}

TEST_F(StopTest, InTheTestAtTheEnd) {
  const std::vector<std::string> gated = words("closed", 8, /*evaluation=*/true);
  train_whole(gated);
  ASSERT_NO_FATAL_FAILURE(stop_at_the_gate(gated));
  EXPECT_FALSE(fs::exists(scene_.path("cut/result.json")));
  expect_resumes_to_the_same();
  EXPECT_TRUE(fs::exists(scene_.path("cut/result.json")));
}

TEST_F(StopTest, WithinASave) {
  const std::vector<std::string> saving = more(words("open", 1), "train.checkpoint.every_steps=1");
  train_whole(saving);
  std::vector<std::string> now = saving;
  for (int i = 0; i < 3; ++i) {
    const pid_t process = scene_.start("cut", now);
    ASSERT_TRUE(hold_within_save(process, scene_.path("cut/checkpoints")));
    ::kill(process, SIGTERM);
    ::kill(process, SIGCONT);
    expect_stopped(process);
    now = saving;
    now.emplace_back("--resume");
  }
  expect_resumes_to_the_same();
}

TEST_F(StopTest, ASecondSignalEndsItAtOnce) {
  const std::vector<std::string> gated =
      more(words("closed", 30), "train.checkpoint.every_steps=7");
  train_whole(gated);
  const pid_t process = scene_.start("cut", gated);
  ASSERT_TRUE(wait_for_gate(process));
  ASSERT_TRUE(catches_sigterm(process));
  ::kill(process, SIGTERM);
  ASSERT_TRUE(wait_until(process, [&] { return !catches_sigterm(process); }));
  ASSERT_FALSE(has_ended(process));
  ::kill(process, SIGTERM);  // the gate is closed: nothing but the signal can end it
  const int status = wait_for_end(process);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGTERM);
  EXPECT_EQ(fs::read_symlink(scene_.path("cut/last")), "checkpoints/step-28");
  open_gate();
  expect_resumes_to_the_same();
}

}  // namespace
}  // namespace mixwright::e2e
