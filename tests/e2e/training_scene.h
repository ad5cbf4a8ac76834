#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/program.h"
#include "tests/unit/data/idx_writer.h"

namespace mixwright::e2e {

/// The program of this build.
std::filesystem::path program();

/// The library with components that misbehave on purpose.
std::filesystem::path traps();

/// A small dataset, a config for it and the program.
class TrainingScene {
 public:
  TrainingScene();

  /// `mixwright train CONFIG --out OUT …` to its end.
  test::ProgramResult train(const std::string& out, std::vector<std::string> more = {});
  test::ProgramResult run(const std::vector<std::string>& arguments);
  /// Starts the same and leaves it running.
  pid_t start(const std::string& out, std::vector<std::string> more = {});
  /// Starts the program; what it says goes to the file `log`.
  pid_t launch(const std::vector<std::string>& arguments, const std::string& log);

  std::filesystem::path path(const std::string& name) const { return folder_.path() / name; }
  std::string config() const { return path("tiny.toml").string(); }
  /// Lines of metrics.jsonl.
  std::vector<nlohmann::json> metrics(const std::string& out) const;
  /// Bytes of a file of the run.
  std::string bytes(const std::string& out, const std::string& file) const;
  /// Waits until `metrics.jsonl` has so many lines; false after about a minute.
  bool wait_for_lines(const std::string& out, size_t count) const;

 private:
  std::vector<std::string> arguments(const std::string& out, std::vector<std::string> more) const;
  test::TestFolder folder_{"mixwright-e2e"};
};

/// Waits for a process; gives what waitpid gave.
int wait_for_end(pid_t process);
/// Whether a process of ours has ended; it is not waited for.
bool has_ended(pid_t process);
/// Waits until `happened`; whether it did before the process ended and about a minute was over.
bool wait_until(pid_t process, const std::function<bool()>& happened);
/// Stops the process (SIGSTOP) while it writes a checkpoint into `checkpoints`; false where it
/// ended first.
bool hold_within_save(pid_t process, const std::filesystem::path& checkpoints);

/// Both trainings left the same, bit for bit: the last checkpoints and, but for times, metrics.
void expect_same_run(const TrainingScene& scene, const std::string& a, const std::string& b);
/// Nothing unfinished lies anywhere in a run's folder.
void expect_nothing_unfinished(const std::filesystem::path& run);

}  // namespace mixwright::e2e
