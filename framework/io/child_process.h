#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mixwright::io {

/// How a program is started.
struct ChildOptions {
  std::filesystem::path messages;  ///< file for what it writes, its results among it
  std::filesystem::path errors;    ///< file for its standard error; empty: messages, too
  bool append = false;             ///< keep what that file holds
  bool own_group = false;          ///< a terminal's Ctrl-C does not reach it
  std::vector<int> cpus;           ///< processors that it may run on; empty: as this program
  int input = -1;                  ///< descriptor that it reads; -1: nothing to read
  int output = -1;                 ///< descriptor for its results, in place of `messages`
};

/// A program in a process of its own.
///
/// `program` is looked for along PATH unless it holds a slash. An exit code is the program's own,
/// 128 + signal where one ended it.
/// Owner: whoever holds it; one that still runs is asked to end by SIGTERM and waited for.
class ChildProcess {
 public:
  /// Throws: mixwright::Error where it cannot be started; its text names the program and the
  /// reason.
  ChildProcess(const std::string& program,
               const std::vector<std::string>& arguments,
               const ChildOptions& options);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) = delete;
  ~ChildProcess();

  pid_t pid() const { return pid_; }
  /// The exit code, or nothing while it runs.
  std::optional<int> poll();
  /// Waits for its end and gives the exit code.
  int wait();
  /// The same, for at most so long; nothing where it still runs then.
  std::optional<int> wait_for(std::chrono::milliseconds longest);
  /// Sends a signal to it, unless it has ended.
  void send(int signal) const;
  /// The same, where it has a group of its own also to what it has started.
  void send_to_group(int signal) const;

 private:
  std::optional<int> look(int flags);

  std::string program_;
  bool own_group_ = false;
  pid_t pid_ = 0;
  std::optional<int> code_;
};

/// Starts a program, waits for its end and gives its exit code. What it writes goes to the file
/// `messages`.
/// Throws: mixwright::Error where it cannot be started.
int run_child(const std::string& program,
              const std::vector<std::string>& arguments,
              const std::filesystem::path& messages);

/// The file of the running program.
std::filesystem::path own_program();

/// The last line of such a file that says something, fit for a message.
std::string last_line(const std::filesystem::path& messages);

/// The processors that this program may run on.
std::vector<int> usable_cpus();

/// From now on this program gets SIGTERM when the program that started it, process `parent`, ends.
/// Throws: mixwright::Error where that one has ended already.
void end_with_parent(pid_t parent);

}  // namespace mixwright::io
