#include "framework/dev/source_watcher.h"

#include <sys/stat.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace mixwright::dev {

namespace fs = std::filesystem;

namespace {

int64_t nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

bool is_left_by_editor(const std::string& name) {
  return name.starts_with('.') || name.starts_with('#') || name.ends_with('~') ||
         name.ends_with(".swp") || name.ends_with(".tmp") || name == "4913";  // the last is vim's
}

bool is_build(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / "CMakeCache.txt", error) || fs::exists(folder / "CMakeFiles", error);
}

}  // namespace

SourceWatcher::SourceWatcher(fs::path folder, std::vector<fs::path> more)
    : folder_(std::move(folder)), more_(std::move(more)), seen_(scan()) {}

bool SourceWatcher::look() {
  Files now = scan();
  if (now != seen_) {
    note_differences(now);
    seen_ = std::move(now);
    return false;
  }
  if (changing_.empty()) return false;
  saved_ = std::move(changing_);
  changing_.clear();
  return true;
}

SourceWatcher::Files SourceWatcher::scan() {
  Files files;
  is_cut_off_ = false;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder_, error);
  for (const fs::recursive_directory_iterator end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    const bool is_folder = entry->is_directory(ignored);
    if (is_left_by_editor(entry->path().filename().string()) ||
        (is_folder && is_build(entry->path()))) {
      entry.disable_recursion_pending();
      continue;
    }
    if (is_folder) continue;
    if (files.size() == kMostFiles) {
      is_cut_off_ = true;
      break;
    }
    add(entry->path(), files);
  }
  for (const fs::path& file : more_) add(file, files);
  return files;
}

void SourceWatcher::add(const fs::path& file, Files& files) {
  struct stat info{};
  if (::stat(file.c_str(), &info) != 0) return;  // just renamed or removed
  files[file] = {info.st_ino, info.st_size, nanoseconds(info.st_mtim), nanoseconds(info.st_ctim)};
}

void SourceWatcher::note_differences(const Files& now) {
  const auto note = [this](const fs::path& file) {
    const std::string name = file.filename().string();
    if (std::find(changing_.begin(), changing_.end(), name) == changing_.end()) {
      changing_.push_back(name);
    }
  };
  for (const auto& [file, state] : now) {
    const auto before = seen_.find(file);
    if (before == seen_.end() || before->second != state) note(file);
  }
  for (const auto& [file, state] : seen_) {
    if (!now.contains(file)) note(file);
  }
}

}  // namespace mixwright::dev
