#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "framework/io/folder_lock.h"

namespace mixwright::train {

/// The folder of one training. While the object lives the folder is locked against a second
/// training; the lock ends with the process, however it ends.
///
/// Layout: config.toml, input.toml, environment.json, metrics.jsonl, checkpoints/step-N/, best,
/// last, plots/, result.json.
class RunFolder {
 public:
  /// Throws: UsageError where no new run may be put in this folder, because it holds something.
  static void check_free(const std::filesystem::path& path);
  /// Makes a new run's folder. Throws: UsageError as check_free, and where it cannot be made.
  static RunFolder create(const std::filesystem::path& path);
  /// Takes an existing run's folder to go on with it. Throws: UsageError where it is no run's.
  static RunFolder reopen(const std::filesystem::path& path);
  /// Whether there is a run in the folder.
  static bool holds_run(const std::filesystem::path& path);
  /// Whether that run was trained and measured to its end.
  static bool is_finished(const std::filesystem::path& path);
  /// result.json of the run in a folder: what its best checkpoint comes to on the test split. It
  /// is written at the very end.
  static std::filesystem::path result_of(const std::filesystem::path& path);
  /// environment.json of the run in a folder: under what its sessions ran.
  static std::filesystem::path environment_of(const std::filesystem::path& path);
  /// The process that trains in the folder now, or "" where none does.
  static std::string owner(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path config() const { return path_ / "config.toml"; }
  std::filesystem::path environment() const { return environment_of(path_); }
  std::filesystem::path metrics() const { return path_ / "metrics.jsonl"; }
  std::filesystem::path result() const { return result_of(path_); }
  std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }
  std::filesystem::path plots() const { return path_ / "plots"; }

 private:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}
  void lock();

  std::filesystem::path path_;
  io::FolderLock lock_;
};

}  // namespace mixwright::train
