#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <string>
#include <vector>

#include "framework/io/child_process.h"
#include "framework/io/folder_lock.h"
#include "framework/sweep/sweep_file.h"
#include "framework/train/progress.h"

namespace mixwright::sweep {

/// A sweep's folder: a run's folder for each row, `journal.jsonl` with what happened when,
/// `logs/ROW.log` with what each training said, and at the end the tables and pictures. While the
/// object lives the folder is locked against a second sweep.
class SweepFolder {
 public:
  /// Makes the folder where it is not there. Throws: UsageError where it cannot be, or another
  /// sweep works in it.
  explicit SweepFolder(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path run(const Row& row) const { return path_ / row.name; }
  std::filesystem::path log(const Row& row) const { return path_ / "logs" / (row.name + ".log"); }
  /// Whether the row was trained and measured to its end. It is not trained again.
  bool is_finished(const Row& row) const;
  /// Appends a line to the journal: when, which row, what happened.
  void note(const Row& row, const std::string& event, const std::string& more = "") const;

 private:
  std::filesystem::path path_;
  io::FolderLock lock_;
};

/// A row and how far it is.
struct Job {
  enum class State { kWaiting, kRunning, kFinished, kFailed, kStopped };
  Row row;
  int64_t epochs = 1;  ///< that it trains
  State state = State::kWaiting;
  std::string failure;        ///< why, where it failed
  bool told_to_wait = false;  ///< for another process in its folder
};

struct RunnerOptions {
  int64_t at_once = 1;                  ///< trainings
  bool fail_fast = false;               ///< the first failure stops the others
  std::vector<std::string> more_words;  ///< for every training, such as --plugin-path
  bool quiet = false;
};

/// Trains what is not finished, each row in a process of its own that runs on its share of the
/// processors. A row that was begun goes on from its last checkpoint. SIGTERM and SIGINT stop the
/// trainings, which write checkpoints.
class Runner {
 public:
  Runner(const SweepFolder& folder, std::vector<Job>& jobs, RunnerOptions options);
  /// The signal that stopped it, or 0.
  int run();

 private:
  struct Active {
    Job* job;
    io::ChildProcess process;
    size_t place;  // which share of the processors
    std::chrono::steady_clock::time_point begun;
  };

  bool start_next();
  bool is_taken(Job& job);
  void start(Job& job);
  bool reap();
  void ended(const Active& active, int code);
  void stop_all(const std::string& why);
  double rows_done() const;
  void show_progress(double before, std::chrono::steady_clock::time_point begin);
  size_t count(Job::State state) const;
  std::vector<int> cpus_of(size_t place) const;

  const SweepFolder& folder_;
  std::vector<Job>& jobs_;
  RunnerOptions options_;
  std::vector<int> cpus_;
  train::Progress progress_;
  std::list<Active> active_;
  bool stopping_ = false;
};

}  // namespace mixwright::sweep
