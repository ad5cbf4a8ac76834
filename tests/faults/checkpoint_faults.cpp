// What is left of a training's checkpoints when any one call of a save fails, or is the last thing
// that the process does. A checkpoint is several files and two links; whoever comes next must find
// a whole one, the old or the new.

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "framework/train/checkpoint.h"
#include "tests/faults/struck_calls.h"
#include "tests/unit/data/idx_writer.h"
#include "tests/unit/train/test_network.h"

namespace mixwright::train {
namespace {

namespace fs = std::filesystem;
using mixwright::test::Plan;
using mixwright::test::plan;
using mixwright::test::Strike;

constexpr int kMostCalls = 200;  // a save takes far fewer

class CheckpointFaults : public testing::Test {
 protected:
  CheckpointFaults() : network_(test::tiny_network()), folder_("mixwright-checkpoint-faults") {
    optimizer_ = make_optimizer(trained_tensors(*network_, {}), {});
  }

  /// A run that has saved step 1, on which its weights are all 1.
  fs::path new_run() {
    const fs::path run = folder_ / ("run-" + std::to_string(++runs_));
    fs::create_directories(run / "checkpoints");
    save(run, 1);
    return run;
  }

  void save(const fs::path& run, int64_t step) {
    {
      const torch::NoGradGuard no_grad;
      for (auto& [name, tensor] : network_->state()) tensor.fill_(static_cast<double>(step));
    }
    TrainState state;
    state.step = step;
    MovingAverage average(*network_, {});  // of the values now
    Checkpoints(run).save(
        {*network_, *optimizer_, &average}, state, {}, /*is_best=*/true, /*keep=*/1);
  }

  /// Both links name a whole checkpoint whose weights are those of its step. Gives the last step.
  int64_t step_of(const fs::path& run) {
    const Checkpoints checkpoints(run);
    int64_t step = 0;
    for (const char* link : {"best", "last"}) {
      const auto folder = checkpoints.find(link);
      EXPECT_TRUE(folder.has_value()) << link << " names nothing";
      if (!folder) return 0;
      const auto network = test::tiny_network();
      const auto optimizer = make_optimizer(trained_tensors(*network, {}), {});
      MovingAverage average(*network, {});
      step = Checkpoints::load(*folder, {*network, *optimizer, &average}, {}).step;
      for (const auto& tensors : {network->state(), average.state()}) {
        for (const auto& [name, tensor] : tensors) {
          EXPECT_TRUE(tensor.eq(static_cast<double>(step)).all().item<bool>()) << name;
        }
      }
    }
    return step;
  }

  std::shared_ptr<model::Network> network_;
  std::unique_ptr<Optimizer> optimizer_;
  mixwright::test::TestFolder folder_;
  int runs_ = 0;
};

TEST_F(CheckpointFaults, KilledAtAnyCallItLeavesTheOldOrTheNew) {
  bool untouched = false;
  bool seen_old = false;
  bool seen_new = false;
  for (int at = 1; at <= kMostCalls && !untouched; ++at) {
    SCOPED_TRACE("call " + std::to_string(at));
    const fs::path run = new_run();
    const pid_t child = ::fork();
    if (child == 0) {
      Plan killing{.strike = Strike::kKill, .at = at};
      plan = &killing;
      save(run, 2);
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    untouched = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!untouched) ASSERT_TRUE(WIFSIGNALED(status));
    const int64_t step = step_of(run);
    (step == 1 ? seen_old : seen_new) = true;
    if (untouched) EXPECT_EQ(step, 2);

    // The next training cleans up and goes on.
    Checkpoints(run).remove_leftovers();
    save(run, 2);
    EXPECT_EQ(step_of(run), 2);
    int left = 0;
    for (const auto& entry : fs::directory_iterator(run / "checkpoints")) {
      EXPECT_EQ(entry.path().filename(), "step-2");
      ++left;
    }
    EXPECT_EQ(left, 1);
  }
  EXPECT_TRUE(untouched) << "no save came through within " << kMostCalls << " calls";
  EXPECT_TRUE(seen_old && seen_new);
}

TEST_F(CheckpointFaults, FailingAtAnyCallItSaysSoAndKeepsAWholeOne) {
  for (const int error : {EIO, ENOSPC}) {
    bool untouched = false;
    for (int at = 1; at <= kMostCalls && !untouched; ++at) {
      SCOPED_TRACE("call " + std::to_string(at));
      const fs::path run = new_run();
      Plan failing{.strike = Strike::kFail, .at = at, .error = error};
      std::string message;
      plan = &failing;
      try {
        save(run, 2);
      } catch (const Error& refused) {
        message = refused.what();
      }
      plan = nullptr;
      untouched = failing.calls < at;
      if (untouched) EXPECT_EQ(message, "");
      if (!message.empty()) {
        EXPECT_EQ(message.find('\n'), std::string::npos);
        EXPECT_THAT(message, testing::HasSubstr(run.string()));
      }
      const int64_t step = step_of(run);
      // What was not refused has been saved; removing what is too old may fail without harm.
      if (message.empty()) EXPECT_EQ(step, 2);
      save(run, 3);
      EXPECT_EQ(step_of(run), 3);
    }
    EXPECT_TRUE(untouched);
  }
}

}  // namespace
}  // namespace mixwright::train
