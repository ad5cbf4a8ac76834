#include "framework/io/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <utility>

#include <mixwright/error.h>

#include "framework/io/file_descriptor.h"
#include "framework/io/text.h"

extern char** environ;

namespace mixwright::io {

namespace {

/// While it lives, what this thread starts may run on these processors only.
class Affinity {
 public:
  explicit Affinity(const std::vector<int>& cpus) {
    if (cpus.empty() || ::sched_getaffinity(0, sizeof(before_), &before_) != 0) return;
    cpu_set_t wanted;
    CPU_ZERO(&wanted);
    for (const int cpu : cpus) CPU_SET(static_cast<size_t>(cpu), &wanted);
    changed_ = ::sched_setaffinity(0, sizeof(wanted), &wanted) == 0;
  }
  Affinity(const Affinity&) = delete;
  Affinity& operator=(const Affinity&) = delete;
  ~Affinity() {
    if (changed_) ::sched_setaffinity(0, sizeof(before_), &before_);
  }

 private:
  cpu_set_t before_{};
  bool changed_ = false;
};

/// posix_spawn's description of streams and group.
class SpawnSettings {
 public:
  explicit SpawnSettings(const ChildOptions& options) {
    const int after = options.append ? O_APPEND : O_TRUNC;
    posix_spawn_file_actions_init(&actions_);
    if (options.input >= 0) {
      posix_spawn_file_actions_adddup2(&actions_, options.input, STDIN_FILENO);
    } else {
      posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    }
    if (options.output >= 0) {
      posix_spawn_file_actions_adddup2(&actions_, options.output, STDOUT_FILENO);
    } else {
      posix_spawn_file_actions_addopen(
          &actions_, STDOUT_FILENO, options.messages.c_str(), O_WRONLY | O_CREAT | after, 0600);
    }
    if (options.errors.empty()) {
      posix_spawn_file_actions_adddup2(&actions_, STDOUT_FILENO, STDERR_FILENO);
    } else {
      posix_spawn_file_actions_addopen(
          &actions_, STDERR_FILENO, options.errors.c_str(), O_WRONLY | O_CREAT | after, 0600);
    }
    posix_spawnattr_init(&attributes_);
    if (!options.own_group) return;
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes_, 0);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

ChildProcess::ChildProcess(const std::string& program,
                           const std::vector<std::string>& arguments,
                           const ChildOptions& options)
    : program_(program), own_group_(options.own_group) {
  std::vector<std::string> words = {program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const SpawnSettings settings(options);
  const Affinity affinity(options.cpus);
  const int error = ::posix_spawnp(
      &pid_, program.c_str(), settings.actions(), settings.attributes(), argv.data(), environ);
  if (error == ENOENT) throw Error(program + " is not installed");
  if (error != 0) throw Error(program + " cannot be started (" + errno_text(error) + ")");
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : program_(std::move(other.program_)),
      own_group_(other.own_group_),
      pid_(other.pid_),
      code_(other.code_) {
  other.pid_ = 0;
}

ChildProcess::~ChildProcess() {
  if (pid_ == 0 || code_) return;
  send(SIGTERM);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
}

std::optional<int> ChildProcess::look(int flags) {
  if (code_) return code_;
  int status = 0;
  pid_t ended = 0;
  while ((ended = ::waitpid(pid_, &status, flags)) < 0) {
    if (errno != EINTR) {
      throw Error("waiting for " + program_ + " failed (" + errno_text(errno) + ")");
    }
  }
  if (ended != 0) code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return code_;
}

std::optional<int> ChildProcess::poll() {
  return look(WNOHANG);
}

int ChildProcess::wait() {
  return *look(0);
}

std::optional<int> ChildProcess::wait_for(std::chrono::milliseconds longest) {
  const FileDescriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (process.get() < 0) {
    throw Error("waiting for " + program_ + " failed (" + errno_text(errno) + ")");
  }
  pollfd end{process.get(), POLLIN, 0};
  // A signal may cut the wait short, which the caller cannot tell from its end.
  ::poll(&end, 1, static_cast<int>(longest.count()));
  return poll();
}

void ChildProcess::send(int signal) const {
  if (pid_ != 0 && !code_) ::kill(pid_, signal);
}

void ChildProcess::send_to_group(int signal) const {
  if (pid_ != 0 && !code_) ::kill(own_group_ ? -pid_ : pid_, signal);
}

int run_child(const std::string& program,
              const std::vector<std::string>& arguments,
              const std::filesystem::path& messages) {
  ChildOptions options;
  options.messages = messages;
  return ChildProcess(program, arguments, options).wait();
}

std::filesystem::path own_program() {
  return std::filesystem::read_symlink("/proc/self/exe");
}

std::string last_line(const std::filesystem::path& messages) {
  std::ifstream in(messages);
  std::string line;
  std::string last;
  while (std::getline(in, line)) {
    if (line.find_first_not_of(" ^\t") != std::string::npos) last = line;
  }
  return printable(last);
}

std::vector<int> usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cpus;
  if (::sched_getaffinity(0, sizeof(set), &set) != 0) return cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(static_cast<size_t>(cpu), &set)) cpus.push_back(cpu);
  }
  return cpus;
}

void end_with_parent(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) {
    throw Error("process " + std::to_string(parent) + ", which started this one, has ended");
  }
}

}  // namespace mixwright::io
