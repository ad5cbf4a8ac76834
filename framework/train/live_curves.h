#pragma once

#include <chrono>
#include <exception>
#include <filesystem>
#include <functional>
#include <future>

#include "framework/train/run_folder.h"

namespace mixwright::train {

/// Redraws a run's curves while it trains, so that `plots/curves.png` is never far behind.
///
/// The training waits for nothing: reading and gnuplot are another thread's and another process's,
/// both below the training's priority, and one picture at a time. A picture is begun at most every
/// 10 seconds, and at most when 50 times as long as the last one took has passed, so that drawing
/// takes at most 2 % of one core whatever the run's length.
///
/// A picture that fails is warned of at the next epoch; then no more is drawn.
/// Thread: the one that trains. The destructor waits for a picture in work.
class LiveCurves {
 public:
  using Seconds = std::chrono::duration<double>;

  explicit LiveCurves(const RunFolder& folder);
  /// For tests: what draws, and the least time between two pictures.
  LiveCurves(std::function<void()> draw, Seconds at_most_every);

  LiveCurves(const LiveCurves&) = delete;
  LiveCurves& operator=(const LiveCurves&) = delete;

  /// To be called when an epoch's lines are written.
  void after_epoch();

 private:
  using Clock = std::chrono::steady_clock;

  void begin_drawing();
  void take_result();
  void give_up(const std::exception& error);

  std::function<void()> draw_;
  Seconds at_most_every_;
  std::future<Seconds> drawing_;  // the time that it took
  Clock::time_point begun_;       // of the last picture
  Seconds pause_{0};              // from there to the next
  bool failed_ = false;
};

}  // namespace mixwright::train
