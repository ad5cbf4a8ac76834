#pragma once

#include <unistd.h>

#include <string_view>
#include <utility>

namespace mixwright::io {

/// Owns one file descriptor and closes it.
class FileDescriptor {
 public:
  explicit FileDescriptor(int descriptor = -1) : descriptor_(descriptor) {}
  FileDescriptor(FileDescriptor&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~FileDescriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  int get() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }

  /// Writes all of it, however many calls that takes. Gives 0, or errno's value of the failure.
  int write_all(std::string_view bytes) const;

  /// Closes now and gives what close() gave: a network file system reports lost writes here.
  int close() { return ::close(std::exchange(descriptor_, -1)); }

 private:
  int descriptor_;
};

}  // namespace mixwright::io
