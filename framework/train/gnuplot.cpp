#include "framework/train/gnuplot.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>

#include <mixwright/error.h>

#include "framework/io/text.h"

extern char** environ;

namespace mixwright::train {

namespace fs = std::filesystem;

namespace {

/// A folder of our own that goes with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "mixwright-plot-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw Error(name + ": cannot be made (" + io::errno_text(errno) + ")");
    }
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

int spawn_and_wait(const fs::path& script, const fs::path& messages) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(
      &actions, STDOUT_FILENO, messages.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  std::string program = "gnuplot";
  std::string argument = script.string();
  std::array<char*, 3> arguments = {program.data(), argument.data(), nullptr};
  pid_t child = 0;
  const int error =
      ::posix_spawnp(&child, program.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    throw Error(error == ENOENT ? "gnuplot is not installed; install the package gnuplot-nox"
                                : "gnuplot cannot be started (" + io::errno_text(error) + ")");
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) throw Error("waiting for gnuplot failed (" + io::errno_text(errno) + ")");
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// The line in which gnuplot says what is wrong; around it stand the script's own lines.
std::string complaint(const fs::path& messages) {
  std::ifstream in(messages);
  std::string line;
  std::string last;
  while (std::getline(in, line)) {
    if (line.find_first_not_of(" ^\t") != std::string::npos) last = line;
  }
  return io::printable(last);
}

}  // namespace

void run_gnuplot(const std::string& script) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "script.gp";
  {
    std::ofstream out(file, std::ios::binary);
    out << script;
    if (!out.flush()) throw Error(file.string() + ": cannot be written");
  }
  const fs::path messages = folder.path() / "messages";
  const int code = spawn_and_wait(file, messages);
  if (code != 0) {
    throw Error("gnuplot ended with code " + std::to_string(code) + ": " + complaint(messages));
  }
}

std::string gnuplot_quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return result + "\"";
}

}  // namespace mixwright::train
