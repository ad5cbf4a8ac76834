#pragma once

#include <filesystem>
#include <string>

#include "framework/io/file_descriptor.h"

namespace mixwright::io {

/// Keeps a folder for one process: a lock on a file in it, which holds the process's number. The
/// lock ends with the process, however it ends; the file stays.
class FolderLock {
 public:
  FolderLock() = default;
  /// `worker` is what works in the folder, for the words of errors: `training`.
  /// Throws: UsageError where another process has the lock, naming it, and where the file cannot be
  /// opened; mixwright::Error where it cannot be written.
  FolderLock(const std::filesystem::path& folder,
             const std::string& file,
             const std::string& worker);

  /// The process that has the lock of a folder, or "" where none does.
  static std::string owner(const std::filesystem::path& folder, const std::string& file);

 private:
  FileDescriptor lock_;
};

}  // namespace mixwright::io
