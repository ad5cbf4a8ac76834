// A training that is killed a hundred times, at any moment, comes to the same end.

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/train/train_state_file.h"
#include "tests/e2e/training_scene.h"

namespace mixwright::e2e {
namespace {

namespace fs = std::filesystem;

constexpr int kKills = 100;
constexpr int64_t kEverySteps = 3;

class KillTest : public testing::Test {
 protected:
  static std::vector<std::string> words() {
    std::vector<std::string> words;
    for (const std::string& set : {"train.checkpoint.every_steps=" + std::to_string(kEverySteps),
                                   std::string("train.log_every=1"),
                                   std::string("train.epochs=3"),
                                   std::string("train.ema={ decay = 0.9 }")}) {
      words.insert(words.end(), {"--set", set});
    }
    return words;
  }

  pid_t start(const std::string& out) {
    std::vector<std::string> all = words();
    if (fs::exists(scene_.path(out) / "config.toml")) all.emplace_back("--resume");
    return scene_.start(out, all);
  }

  /// The training without a kill, and how long it takes to begin.
  void train_whole() {
    const auto begin = std::chrono::steady_clock::now();
    const pid_t process = start("whole");
    ASSERT_TRUE(scene_.wait_for_lines("whole", 1));
    start_up_ = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begin);
    ASSERT_EQ(wait_for_end(process), 0) << scene_.bytes(".", "whole.log");
  }

  /// Waits for a moment between the start and some steps later; the next ones are other moments.
  void wait_for_a_moment(pid_t process, const std::string& out) {
    switch (random_() % 3) {
      case 0: {  // anywhere, start-up included
        const auto most = static_cast<unsigned>(start_up_.count()) * 3 / 2;
        ::poll(nullptr, 0, static_cast<int>(random_() % (most + 1)));
        break;
      }
      case 1: {
        const size_t lines = scene_.metrics(out).size() + 1 + random_() % 9;
        wait_until(process, [&] { return scene_.metrics(out).size() >= lines; });
        break;
      }
      default:
        hold_within_save(process, scene_.path(out) / "checkpoints");
    }
  }

  /// Starts or resumes the training and kills it; false where it came to its end before.
  bool train_and_kill(const std::string& out) {
    const pid_t process = start(out);
    wait_for_a_moment(process, out);
    ::kill(process, SIGKILL);
    const int status = wait_for_end(process);
    if (WIFSIGNALED(status)) return true;
    EXPECT_EQ(WEXITSTATUS(status), 0) << scene_.bytes(".", out + ".log");
    return false;
  }

  /// Not more than the steps since the last checkpoint are gone, and no earlier one came back.
  void expect_little_lost(const std::string& out) {
    const fs::path state = scene_.path(out) / "last" / "state.toml";
    const int64_t saved = fs::exists(state) ? train::read_state_file(state).state.step : 0;
    const auto lines = scene_.metrics(out);
    const int64_t logged = lines.empty() ? 0 : lines.back().at("step").get<int64_t>();
    EXPECT_LE(logged - saved, kEverySteps);
    EXPECT_GE(saved, last_saved_);
    last_saved_ = saved;
  }

  void finish(const std::string& out) {
    const pid_t process = start(out);
    EXPECT_EQ(wait_for_end(process), 0) << scene_.bytes(".", out + ".log");
    expect_same_run(scene_, "whole", out);
    expect_nothing_unfinished(scene_.path(out));
  }

  TrainingScene scene_;
  // --gtest_shuffle --gtest_random_seed=N: other moments.
  std::mt19937 random_{20261U +
                       static_cast<unsigned>(testing::UnitTest::GetInstance()->random_seed())};
  std::chrono::milliseconds start_up_{0};
  int64_t last_saved_ = 0;
};

TEST_F(KillTest, AHundredTimesItEndsBitEqual) {
  train_whole();
  int kills = 0;
  for (int run = 0; run < kKills && kills < kKills && !HasFailure(); ++run) {
    const std::string out = "cut-" + std::to_string(run);
    SCOPED_TRACE(out);
    const int planned = std::min<int>(kKills - kills, 12 + static_cast<int>(random_() % 12));
    last_saved_ = 0;
    for (int i = 0; i < planned && train_and_kill(out); ++i) {
      ++kills;
      expect_little_lost(out);
    }
    finish(out);
  }
  EXPECT_EQ(kills, kKills);
}

}  // namespace
}  // namespace mixwright::e2e
