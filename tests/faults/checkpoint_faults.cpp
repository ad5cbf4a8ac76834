// What is left of a training's checkpoints when any one call of a save fails, or is the last thing
// that the process does. A checkpoint is several files and two links; whoever comes next must find
// a whole one, the old or the new.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <filesystem>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "framework/train/checkpoint.h"
#include "tests/unit/data/idx_writer.h"
#include "tests/unit/train/test_network.h"

namespace {

enum class Strike { kNone, kFail, kKill };

struct Plan {
  Strike strike = Strike::kNone;
  int at = 0;  // the call to strike, from 1
  int error = EIO;
  int calls = 0;
};

thread_local Plan* plan = nullptr;  // the save that is watched, in this thread

bool fails() {
  if (plan == nullptr || ++plan->calls != plan->at) return false;
  if (plan->strike == Strike::kKill) ::raise(SIGKILL);
  errno = plan->error;
  return plan->strike == Strike::kFail;
}

template <typename Function>
Function next_function(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

#define MIXWRIGHT_REPLACES extern "C" __attribute__((visibility("default")))

MIXWRIGHT_REPLACES int open(const char* path, int flags, ...) {
  static const auto next = next_function<int (*)(const char*, int, mode_t)>("open");
  mode_t mode = 0;
  if ((flags & O_CREAT) != 0) {
    va_list arguments;
    va_start(arguments, flags);
    mode = va_arg(arguments, mode_t);
    va_end(arguments);
  }
  return fails() ? -1 : next(path, flags, mode);
}

MIXWRIGHT_REPLACES ssize_t write(int descriptor, const void* data, size_t size) {
  static const auto next = next_function<ssize_t (*)(int, const void*, size_t)>("write");
  return fails() ? -1 : next(descriptor, data, size);
}

MIXWRIGHT_REPLACES int fsync(int descriptor) {
  static const auto next = next_function<int (*)(int)>("fsync");
  return fails() ? -1 : next(descriptor);
}

MIXWRIGHT_REPLACES int rename(const char* from, const char* to) noexcept {
  static const auto next = next_function<int (*)(const char*, const char*)>("rename");
  return fails() ? -1 : next(from, to);
}

MIXWRIGHT_REPLACES int symlink(const char* target, const char* link) noexcept {
  static const auto next = next_function<int (*)(const char*, const char*)>("symlink");
  return fails() ? -1 : next(target, link);
}

MIXWRIGHT_REPLACES int mkdir(const char* path, mode_t mode) noexcept {
  static const auto next = next_function<int (*)(const char*, mode_t)>("mkdir");
  return fails() ? -1 : next(path, mode);
}

MIXWRIGHT_REPLACES int unlinkat(int folder, const char* path, int flags) noexcept {
  static const auto next = next_function<int (*)(int, const char*, int)>("unlinkat");
  return fails() ? -1 : next(folder, path, flags);
}

namespace mixwright::train {
namespace {

namespace fs = std::filesystem;

constexpr int kMostCalls = 200;  // a save takes far fewer

class CheckpointFaults : public testing::Test {
 protected:
  CheckpointFaults() : network_(test::tiny_network()), folder_("mixwright-checkpoint-faults") {
    optimizer_ = std::make_unique<AdamW>(trained_tensors(*network_), OptimizerOptions{});
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
    Checkpoints(run).save(*network_, *optimizer_, state, {}, /*is_best=*/true, /*keep=*/1);
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
      AdamW optimizer(trained_tensors(*network), OptimizerOptions{});
      step = Checkpoints::load(*folder, *network, optimizer, {}).step;
      for (const auto& [name, tensor] : network->state()) {
        EXPECT_TRUE(tensor.eq(static_cast<double>(step)).all().item<bool>()) << name;
      }
    }
    return step;
  }

  std::shared_ptr<model::Network> network_;
  std::unique_ptr<AdamW> optimizer_;
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
      Plan killing{Strike::kKill, at};
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
      Plan failing{Strike::kFail, at, error};
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
