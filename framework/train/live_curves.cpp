#include "framework/train/live_curves.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include <spdlog/spdlog.h>

#include "framework/train/curves.h"

namespace mixwright::train {

namespace {

using namespace std::chrono_literals;

constexpr LiveCurves::Seconds kAtMostEvery = 10s;
constexpr double kPauseForWork = 50;
constexpr int kLowPriority = 10;  // nice: a tenth of the processor where others want it

/// On Linux priority belongs to the thread, and what it starts inherits it.
void lower_priority() {
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kLowPriority);
}

}  // namespace

LiveCurves::LiveCurves(const RunFolder& folder)
    : LiveCurves([run = folder.path(),
                  plots = folder.plots()] { draw_curves({read_curves(run)}, plots, "curves"); },
                 kAtMostEvery) {}

LiveCurves::LiveCurves(std::function<void()> draw, Seconds at_most_every)
    : draw_(std::move(draw)), at_most_every_(at_most_every) {}

void LiveCurves::after_epoch() {
  take_result();
  if (failed_ || drawing_.valid() || Clock::now() - begun_ < pause_) return;
  begun_ = Clock::now();
  try {
    begin_drawing();
  } catch (const std::system_error& error) {  // no thread to be had
    give_up(error);
  }
}

void LiveCurves::begin_drawing() {
  // Its future's destructor waits for the thread.
  drawing_ = std::async(std::launch::async, [this] {
    lower_priority();
    const Clock::time_point begin = Clock::now();
    draw_();
    return Seconds(Clock::now() - begin);
  });
}

void LiveCurves::take_result() {
  if (!drawing_.valid() || drawing_.wait_for(0s) != std::future_status::ready) return;
  try {
    pause_ = std::max(at_most_every_, kPauseForWork * drawing_.get());
  } catch (const std::exception& error) {
    give_up(error);
  }
}

void LiveCurves::give_up(const std::exception& error) {
  failed_ = true;
  spdlog::warn("the curves are not redrawn while this trains: {}", error.what());
}

}  // namespace mixwright::train
