#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "framework/io/file_descriptor.h"

namespace mixwright::io {

/// A regular file opened for reading at given offsets. It reads with pread, not through a mapping,
/// so that a file which somebody cuts off meanwhile is an error and not a SIGBUS.
///
/// Throws: mixwright::Error where the path cannot be opened or is no regular file (a named pipe or
/// device is refused without waiting for it).
/// Thread: `read_at` may be called from several threads at once.
class InputFile {
 public:
  explicit InputFile(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  uint64_t size() const { return size_; }  ///< when it was opened
  int descriptor() const { return descriptor_.get(); }

  /// Fills `to` with exactly `count` bytes from `offset`; fewer is an error.
  void read_at(uint64_t offset, void* to, size_t count) const;

 private:
  std::filesystem::path path_;
  FileDescriptor descriptor_;
  uint64_t size_ = 0;
};

}  // namespace mixwright::io
