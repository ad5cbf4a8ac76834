#include "framework/io/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include <mixwright/error.h>

#include "framework/io/text.h"

namespace mixwright::io {

namespace fs = std::filesystem;

namespace {

std::string process_in(const FileDescriptor& file) {
  std::array<char, 32> text{};
  const ssize_t size = ::pread(file.get(), text.data(), text.size() - 1, 0);
  const std::string owner(text.data(), size > 0 ? static_cast<size_t>(size) : 0);
  return printable(owner.substr(0, owner.find('\n')));
}

}  // namespace

FolderLock::FolderLock(const fs::path& folder, const std::string& file, const std::string& worker) {
  const fs::path path = folder / file;
  lock_ = FileDescriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!lock_.is_open()) {
    throw UsageError(path.string() + ": cannot be opened (" + errno_text(errno) +
                     "); the folder must be writable, choose another one with --out");
  }
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    throw UsageError(folder.string() + ": another " + worker + " works in this folder, process " +
                     process_in(lock_) + "; wait for it, or choose another folder with --out");
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock_.get(), 0) != 0 ||
      ::pwrite(lock_.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    throw Error(path.string() + ": cannot be written (" + errno_text(errno) + ")");
  }
}

std::string FolderLock::owner(const fs::path& folder, const std::string& file) {
  const FileDescriptor lock(::open((folder / file).c_str(), O_RDONLY | O_CLOEXEC));
  if (!lock.is_open() || ::flock(lock.get(), LOCK_SH | LOCK_NB) == 0) return "";
  return process_in(lock);
}

}  // namespace mixwright::io
