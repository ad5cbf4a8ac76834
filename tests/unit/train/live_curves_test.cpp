#include "framework/train/live_curves.h"

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "framework/train/metrics_log.h"
#include "tests/unit/data/idx_writer.h"

namespace mixwright::train {
namespace {

using namespace std::chrono_literals;

/// Epochs until a picture was begun; false where none is within many.
bool calls_until(LiveCurves& curves, const std::atomic<int>& drawn, int count) {
  for (int i = 0; i < 1'000'000 && drawn < count; ++i) {
    curves.after_epoch();
    std::this_thread::yield();
  }
  return drawn == count;
}

TEST(LiveCurvesTest, DrawsOneAtATimeAndDoesNotWait) {
  std::atomic<int> drawn = 0;
  std::mutex busy;
  {
    LiveCurves curves(
        [&] {
          ++drawn;
          const std::lock_guard wait(busy);
        },
        0s);
    {
      const std::lock_guard held(busy);
      ASSERT_TRUE(calls_until(curves, drawn, 1));
      for (int i = 0; i < 100; ++i) curves.after_epoch();  // would never return if it waited
      EXPECT_EQ(drawn, 1) << "the first is not done yet";
    }
    EXPECT_TRUE(calls_until(curves, drawn, 2));
  }
}

TEST(LiveCurvesTest, LeavesTimeBetweenPictures) {
  std::atomic<int> drawn = 0;
  LiveCurves curves([&] { ++drawn; }, 1h);
  ASSERT_TRUE(calls_until(curves, drawn, 1));
  for (int i = 0; i < 1000; ++i) curves.after_epoch();
  EXPECT_EQ(drawn, 1);
}

TEST(LiveCurvesTest, DrawsBelowTheTrainingsPriority) {
  const int own = ::getpriority(PRIO_PROCESS, 0);
  std::atomic<int> niceness = -100;
  {
    LiveCurves curves([&] { niceness = ::getpriority(PRIO_PROCESS, 0); }, 0s);
    curves.after_epoch();
  }
  EXPECT_GE(niceness, std::max(own, 10));
  EXPECT_EQ(::getpriority(PRIO_PROCESS, 0), own);
}

TEST(LiveCurvesTest, GivesUpAfterAFailure) {
  std::atomic<int> drawn = 0;
  LiveCurves curves(
      [&] {
        ++drawn;
        throw Error("no");
      },
      0s);
  ASSERT_TRUE(calls_until(curves, drawn, 1));
  EXPECT_FALSE(calls_until(curves, drawn, 2));
}

TEST(LiveCurvesTest, DrawsARunsPlots) {
  const mixwright::test::TestFolder folder("mixwright-live");
  std::ofstream(folder / "config.toml") << "format = 1\n";
  const RunFolder run = RunFolder::reopen(folder.path());
  MetricsLog log(run.metrics(), 0);
  log.append({{"kind", "train"}, {"step", 1}, {"epoch", 1}, {"loss", 0.5}});
  {
    LiveCurves curves(run);
    curves.after_epoch();
  }
  EXPECT_TRUE(std::filesystem::exists(run.plots() / "curves.png"));
  EXPECT_TRUE(std::filesystem::exists(run.plots() / "curves.svg"));
}

}  // namespace
}  // namespace mixwright::train
