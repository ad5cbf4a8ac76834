#include "framework/io/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <mixwright/error.h>

#include "framework/io/text.h"

namespace mixwright::io {

InputFile::InputFile(std::filesystem::path path) : path_(std::move(path)) {
  // O_NONBLOCK: opening a named pipe without a writer would wait for ever. It means nothing for
  // the regular files that pass the check below.
  descriptor_ = FileDescriptor(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!descriptor_.is_open()) {
    throw Error(path_.string() + ": cannot open for reading: " + errno_text(errno));
  }
  struct stat info{};
  if (::fstat(descriptor_.get(), &info) != 0) {
    throw Error(path_.string() + ": cannot read its size: " + errno_text(errno));
  }
  if (S_ISDIR(info.st_mode)) throw Error(path_.string() + ": is a folder; name a file in it");
  if (!S_ISREG(info.st_mode)) {
    throw Error(path_.string() + ": is a pipe or device; a regular file is needed");
  }
  size_ = static_cast<uint64_t>(info.st_size);
}

void InputFile::read_at(uint64_t offset, void* to, size_t count) const {
  // One read() gives at most 2 GiB less a page.
  constexpr size_t kLargestRead = size_t{1} << 30;
  auto* out = static_cast<char*>(to);
  while (count > 0) {
    const ssize_t got =
        ::pread(descriptor_.get(), out, std::min(count, kLargestRead), static_cast<off_t>(offset));
    if (got < 0) {
      if (errno == EINTR) continue;
      throw Error(path_.string() + ": cannot read at byte " + grouped(offset) + ": " +
                  errno_text(errno));
    }
    if (got == 0) {
      throw Error(path_.string() + ": ends at byte " + grouped(offset) + ", had " + grouped(size_) +
                  " bytes when it was opened; it was cut off meanwhile");
    }
    out += got;
    offset += static_cast<uint64_t>(got);
    count -= static_cast<size_t>(got);
  }
}

}  // namespace mixwright::io
