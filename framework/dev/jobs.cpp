#include "framework/dev/jobs.h"

#include <poll.h>

#include <chrono>
#include <csignal>
#include <deque>
#include <optional>

#include "framework/io/child_process.h"

namespace mixwright::dev {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kInterval = 10;   // milliseconds between two looks at what runs
constexpr int kLooks = 3;       // of them between two questions whether to go on
constexpr int kReminder = 100;  // milliseconds after which what was told to end is told again
constexpr int kReminders = 50;  // before it is ended

class RunningLane {
 public:
  explicit RunningLane(const Lane& lane) : lane_(lane), results_(lane.size()) {}
  RunningLane(const RunningLane&) = delete;
  RunningLane& operator=(const RunningLane&) = delete;
  /// A signal may be lost: a shell's child that has not begun its program yet still has the
  /// shell's traps.
  ~RunningLane() {
    try {
      for (int i = 0; child_ && !child_->poll(); ++i) {
        child_->send_to_group(i < kReminders ? SIGTERM : SIGKILL);
        ::poll(nullptr, 0, i == 0 ? kInterval : kReminder);
      }
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
      // It cannot be waited for; ChildProcess does what there is left to do.
    }
  }

  /// Begins what is to be begun; false where the lane has ended.
  bool advance() {
    if (child_) {
      const std::optional<int> code = child_->poll();
      if (!code) return true;
      results_[at_].seconds = std::chrono::duration<double>(Clock::now() - began_).count();
      results_[at_].code = *code;
      child_.reset();
      at_ = *code == 0 ? at_ + 1 : lane_.size();
    }
    if (at_ == lane_.size()) return false;
    const Job& job = lane_[at_];
    io::ChildOptions options;
    options.messages = job.output;
    options.errors = job.errors;
    options.own_group = true;  // Ctrl-C is ours to answer, and all that it starts ends with it
    began_ = Clock::now();
    child_.emplace(job.program, job.arguments, options);
    return true;
  }

  void end() {
    if (child_) child_->send_to_group(SIGTERM);
  }

  const std::vector<JobResult>& results() const { return results_; }

 private:
  const Lane& lane_;
  std::vector<JobResult> results_;
  size_t at_ = 0;
  std::optional<io::ChildProcess> child_;
  Clock::time_point began_;
};

}  // namespace

std::vector<JobResult> run_jobs(const std::vector<Lane>& lanes,
                                const std::function<bool()>& interrupted) {
  std::deque<RunningLane> running;
  for (const Lane& lane : lanes) running.emplace_back(lane);
  for (int look = 0;; ++look) {
    bool is_running = false;
    for (RunningLane& lane : running) is_running = lane.advance() || is_running;
    if (!is_running) break;
    if (look % kLooks == 0 && interrupted()) {
      for (RunningLane& lane : running) lane.end();
      return {};  // their destructors wait for them
    }
    ::poll(nullptr, 0, kInterval);
  }
  std::vector<JobResult> results;
  for (const RunningLane& lane : running) {
    results.insert(results.end(), lane.results().begin(), lane.results().end());
  }
  return results;
}

}  // namespace mixwright::dev
