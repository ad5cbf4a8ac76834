#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace mixwright::dev {

/// A program that a round runs.
struct Job {
  std::string program;
  std::vector<std::string> arguments;
  std::filesystem::path output;  ///< file for what it writes
  std::filesystem::path errors;  ///< file for its standard error; empty: `output`, too
};

struct JobResult {
  int code = -1;  ///< -1: not run, because one before it failed
  double seconds = 0;

  bool was_run() const { return code != -1; }
  bool succeeded() const { return code == 0; }
};

/// Jobs of which each begins when the one before it has succeeded.
using Lane = std::vector<Job>;

/// Runs lanes side by side to their ends and gives the results in the jobs' order, lane by lane.
/// `interrupted` is asked every few hundredths of a second; where it says yes the programs are
/// ended, with whatever they started, and nothing is given.
/// Throws: mixwright::Error where a program cannot be started.
std::vector<JobResult> run_jobs(const std::vector<Lane>& lanes,
                                const std::function<bool()>& interrupted);

}  // namespace mixwright::dev
