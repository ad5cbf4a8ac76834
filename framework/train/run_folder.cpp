#include "framework/train/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include <mixwright/error.h>

#include "framework/io/text.h"

namespace mixwright::train {

namespace fs = std::filesystem;

namespace {

constexpr const char* kLockFile = "run.lock";
constexpr const char* kCheckpoints = "checkpoints";

std::string shown(const fs::path& path) {
  return path.string();
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error || !fs::is_directory(path)) {
    throw UsageError(shown(path) + ": the run's folder cannot be made (" +
                     (error ? error.message() : "it is no folder") +
                     "); choose another one with --out");
  }
}

}  // namespace

bool RunFolder::holds_run(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path / "config.toml", error);
}

void RunFolder::check_free(const fs::path& path) {
  if (holds_run(path)) {
    throw UsageError(shown(path) +
                     ": holds a run already, which is not overwritten; go on with it by --resume, "
                     "or choose another folder with --out");
  }
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(path, error)) {
    // What a training leaves that was killed before its first file.
    if (entry.path().filename() == kLockFile) continue;
    if (entry.path().filename() == kCheckpoints && fs::is_empty(entry.path(), error)) continue;
    throw UsageError(shown(path) + ": holds \"" + io::printable(entry.path().filename().string()) +
                     "\", which is no run's; choose an empty or a new folder with --out");
  }
}

RunFolder RunFolder::create(const fs::path& path) {
  check_free(path);
  make_folder(path);
  RunFolder folder(path);
  folder.lock();
  check_free(path);  // again: another training may have begun before the lock was ours
  make_folder(folder.checkpoints());
  return folder;
}

RunFolder RunFolder::reopen(const fs::path& path) {
  if (!holds_run(path)) {
    throw UsageError(shown(path) +
                     ": no run to resume, it has no config.toml; start one without "
                     "--resume");
  }
  RunFolder folder(path);
  folder.lock();
  make_folder(folder.checkpoints());
  return folder;
}

void RunFolder::lock() {
  const fs::path file = path_ / kLockFile;
  lock_ = io::FileDescriptor(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!lock_.is_open()) {
    throw UsageError(shown(file) + ": cannot be opened (" + io::errno_text(errno) +
                     "); the run's folder must be writable, choose another one with --out");
  }
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 32> text{};
    const ssize_t size = ::pread(lock_.get(), text.data(), text.size() - 1, 0);
    const std::string owner(text.data(), size > 0 ? static_cast<size_t>(size) : 0);
    throw UsageError(shown(path_) + ": another training works in this folder, process " +
                     io::printable(owner.substr(0, owner.find('\n'))) +
                     "; wait for it, or choose another folder with --out");
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock_.get(), 0) != 0 ||
      ::pwrite(lock_.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    throw Error(shown(file) + ": cannot be written (" + io::errno_text(errno) + ")");
  }
}

}  // namespace mixwright::train
