#include "framework/train/run_folder.h"

#include <system_error>

#include <mixwright/error.h>

#include "framework/io/atomic_file.h"
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
    if (io::is_temporary_name(entry.path().filename().string())) continue;
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
  io::remove_orphan_temporaries(path);
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
  lock_ = io::FolderLock(path_, kLockFile, "training");
}

fs::path RunFolder::result_of(const fs::path& path) {
  return path / "result.json";
}

fs::path RunFolder::environment_of(const fs::path& path) {
  return path / "environment.json";
}

bool RunFolder::is_finished(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(result_of(path), error);
}

std::string RunFolder::owner(const fs::path& path) {
  return io::FolderLock::owner(path, kLockFile);
}

}  // namespace mixwright::train
