#include "framework/sweep/runner.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <thread>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <mixwright/error.h>

#include "framework/io/text.h"
#include "framework/train/run_folder.h"
#include "framework/train/signals.h"
#include "framework/train/text_table.h"

namespace mixwright::sweep {

namespace fs = std::filesystem;

namespace {

constexpr auto kLook = std::chrono::milliseconds(100);

/// The epoch of the last line of metrics.jsonl, 0 where there is none yet.
double last_epoch(const fs::path& metrics) {
  constexpr std::streamoff kTail = 4096;
  std::ifstream in(metrics, std::ios::binary | std::ios::ate);
  if (!in) return 0;
  in.seekg(std::max<std::streamoff>(0, static_cast<std::streamoff>(in.tellg()) - kTail));
  double epoch = 0;
  std::string line;
  while (std::getline(in, line)) {
    const auto entry = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!entry.is_object()) continue;
    const auto value = entry.find("epoch");
    if (value != entry.end() && value->is_number()) epoch = value->get<double>();
  }
  return epoch;
}

/// Whether the sweep itself says how many threads the row takes.
bool sets_threads(const Row& row) {
  return std::any_of(row.sets.begin(), row.sets.end(), [](const std::string& set) {
    return set.starts_with("train.threads=");
  });
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) {
    throw UsageError(path.string() + ": cannot be made (" + error.message() +
                     "); choose another folder with --out");
  }
}

}  // namespace

SweepFolder::SweepFolder(fs::path path) : path_(std::move(path)) {
  make_folder(path_ / "logs");
  lock_ = io::FolderLock(path_, "sweep.lock", "sweep");
}

bool SweepFolder::is_finished(const Row& row) const {
  return train::RunFolder::is_finished(run(row));
}

void SweepFolder::note(const Row& row, const std::string& event, const std::string& more) const {
  nlohmann::ordered_json line = {{"time", io::utc_now()}, {"row", row.name}, {"event", event}};
  if (!more.empty()) line["message"] = more;
  const std::string text =
      line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  const fs::path file = path_ / "journal.jsonl";
  const io::FileDescriptor out(
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  const int failure = out.is_open() ? out.write_all(text) : errno;
  if (failure != 0) {
    throw Error(file.string() + ": cannot be written (" + io::errno_text(failure) + ")");
  }
}

Runner::Runner(const SweepFolder& folder, std::vector<Job>& jobs, RunnerOptions options)
    : folder_(folder),
      jobs_(jobs),
      options_(std::move(options)),
      cpus_(io::usable_cpus()),
      progress_(train::Progress::fitting_mode(options_.quiet)) {}

size_t Runner::count(Job::State state) const {
  return static_cast<size_t>(std::count_if(
      jobs_.begin(), jobs_.end(), [&](const Job& job) { return job.state == state; }));
}

/// Every training has processors of its own; where there are fewer than trainings they share one.
std::vector<int> Runner::cpus_of(size_t place) const {
  const auto shares = static_cast<size_t>(options_.at_once);
  if (cpus_.size() < shares) return {cpus_[place % cpus_.size()]};
  const size_t begin = cpus_.size() * place / shares;
  const size_t end = cpus_.size() * (place + 1) / shares;
  return {cpus_.begin() + static_cast<std::ptrdiff_t>(begin),
          cpus_.begin() + static_cast<std::ptrdiff_t>(end)};
}

void Runner::start(Job& job) {
  size_t place = 0;
  const auto takes = [&](const Active& active) { return active.place == place; };
  while (std::any_of(active_.begin(), active_.end(), takes)) ++place;
  const fs::path run = folder_.run(job.row);
  const bool goes_on = train::RunFolder::holds_run(run);
  io::ChildOptions child;
  child.messages = folder_.log(job.row);
  child.append = true;
  child.own_group = true;
  child.cpus = cpus_of(place);
  std::vector<std::string> words = {"train"};
  if (goes_on) {
    words.insert(words.end(), {run.string(), "--resume"});
  } else {
    words.insert(words.end(), {job.row.config, "--out", run.string()});
    for (const std::string& set : job.row.sets) words.insert(words.end(), {"--set", set});
    words.insert(words.end(), {"--set", "seed=" + std::to_string(job.row.seed)});
  }
  if (!sets_threads(job.row)) {
    words.insert(words.end(), {"--set", "train.threads=" + std::to_string(child.cpus.size())});
  }
  words.insert(words.end(), {"--stop-with", std::to_string(::getpid())});
  words.insert(words.end(), options_.more_words.begin(), options_.more_words.end());
  folder_.note(job.row, goes_on ? "resumed" : "started");
  active_.push_back({&job,
                     io::ChildProcess(io::own_program().string(), words, child),
                     place,
                     std::chrono::steady_clock::now()});
  job.state = Job::State::kRunning;
}

/// A sweep that was killed leaves trainings that are still writing their checkpoints.
bool Runner::is_taken(Job& job) {
  const std::string owner = train::RunFolder::owner(folder_.run(job.row));
  if (owner.empty()) return false;
  if (!job.told_to_wait) {
    progress_.clear();
    spdlog::warn("{}: process {} still trains in it; waiting for its end", job.row.name, owner);
    job.told_to_wait = true;
  }
  return true;
}

/// Starts a row, unless all places are taken or none can be.
bool Runner::start_next() {
  if (stopping_ || active_.size() >= static_cast<size_t>(options_.at_once)) return false;
  for (Job& job : jobs_) {
    if (job.state != Job::State::kWaiting) continue;
    if (is_taken(job)) continue;
    start(job);
    return true;
  }
  return false;
}

void Runner::ended(const Active& active, int code) {
  Job& job = *active.job;
  progress_.clear();
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - active.begun;
  const std::string time = train::duration_text(taken.count());
  if (code == 0 && folder_.is_finished(job.row)) {
    job.state = Job::State::kFinished;
    folder_.note(job.row, "finished");
    spdlog::info("{} of {} rows: {} finished after {}",
                 count(Job::State::kFinished),
                 jobs_.size(),
                 job.row.name,
                 time);
  } else if (code == train::stop_exit_code(SIGTERM) || code == train::stop_exit_code(SIGINT)) {
    job.state = Job::State::kStopped;
    folder_.note(job.row, "stopped");
  } else {
    job.state = Job::State::kFailed;
    job.failure = "exit code " + std::to_string(code) + " after " + time + ": " +
                  io::last_line(folder_.log(job.row));
    folder_.note(job.row, "failed", job.failure);
    spdlog::error(
        "{} failed, {}; all of it in {}", job.row.name, job.failure, folder_.log(job.row).string());
    if (options_.fail_fast) stop_all("--fail-fast");
  }
}

/// Looks for trainings that have ended.
bool Runner::reap() {
  for (auto active = active_.begin(); active != active_.end(); ++active) {
    const auto code = active->process.poll();
    if (!code) continue;
    const Active done = std::move(*active);
    active_.erase(active);
    ended(done, *code);
    return true;
  }
  return false;
}

void Runner::stop_all(const std::string& why) {
  if (stopping_) return;
  stopping_ = true;
  progress_.clear();
  if (!active_.empty()) {
    spdlog::warn("{}: stopping {} trainings, which write checkpoints", why, active_.size());
  }
  for (const Active& active : active_) active.process.send(SIGTERM);
}

/// Rows, those at work by their share.
double Runner::rows_done() const {
  auto done = static_cast<double>(count(Job::State::kFinished) + count(Job::State::kFailed));
  for (const Active& active : active_) {
    const double epoch = last_epoch(folder_.run(active.job->row) / "metrics.jsonl");
    done +=
        std::clamp(epoch / static_cast<double>(std::max<int64_t>(1, active.job->epochs)), 0.0, 1.0);
  }
  return done;
}

void Runner::show_progress(double before, std::chrono::steady_clock::time_point begin) {
  const double done = rows_done();
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  train::ProgressFacts facts;
  facts.phase = "rows";
  facts.step = static_cast<int64_t>(done);
  facts.steps = static_cast<int64_t>(jobs_.size());
  if (done > before) {
    const double left = static_cast<double>(jobs_.size()) - done;
    facts.seconds_left = elapsed.count() * left / (done - before);
  }
  progress_.show(facts);
}

int Runner::run() {
  const train::StopSignals signals;
  const auto begin = std::chrono::steady_clock::now();
  const double before = rows_done();
  while (true) {
    while (reap() || start_next()) {
    }
    if (train::stop_signal() != 0) stop_all(train::signal_name(train::stop_signal()));
    if (active_.empty() && (stopping_ || count(Job::State::kWaiting) == 0)) break;
    if (progress_.due()) show_progress(before, begin);
    std::this_thread::sleep_for(kLook);
  }
  progress_.clear();
  return train::stop_signal();
}

}  // namespace mixwright::sweep
