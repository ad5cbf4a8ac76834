#include "framework/io/atomic_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include <mixwright/error.h>

#include "framework/io/text.h"

namespace mixwright::io {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kTemporaryPrefix = ".mixwright-";
constexpr std::string_view kTemporarySuffix = ".tmp";

/// `.mixwright-<pid>-<number>.tmp`; without the target's name, which may be as long as a name may
/// be.
std::string temporary_name() {
  static std::atomic<uint64_t> counter{0};
  return std::string(kTemporaryPrefix) + std::to_string(::getpid()) + '-' +
         std::to_string(counter.fetch_add(1)) + std::string(kTemporarySuffix);
}

/// What the name finally stands for; a link that leads nowhere gives the place where it leads.
fs::path follow_links(const fs::path& path) {
  constexpr int kMostLinks = 40;  // the kernel's own limit
  fs::path at = path;
  std::error_code error;
  for (int i = 0; i < kMostLinks; ++i) {
    if (!fs::is_symlink(fs::symlink_status(at, error))) return at;
    const fs::path next = fs::read_symlink(at, error);
    if (error) break;
    at = next.is_absolute() ? next : at.parent_path() / next;
  }
  throw Error(path.string() + ": cannot follow this symbolic link; remove it or name its target");
}

/// Locks a new temporary file. False where a cleaner was faster and has removed it.
bool lock_and_check_alive(int descriptor) {
  int locked = 0;
  do {
    locked = ::flock(descriptor, LOCK_EX);
  } while (locked != 0 && errno == EINTR);
  // A file system without locks gives an error; a cleaner then cannot lock either and leaves it.
  struct stat info{};
  return ::fstat(descriptor, &info) == 0 && info.st_nlink > 0;
}

/// False where a folder cannot be synced; errno tells why.
bool sync_folder_descriptor(int descriptor) {
  // EINVAL: some file systems (FUSE, network) have no notion of syncing a folder.
  return ::fsync(descriptor) == 0 || errno == EINVAL;
}

}  // namespace

AtomicFile::AtomicFile(const fs::path& target, std::optional<uint64_t> expected_bytes)
    : shown_path_(target.string()),
      target_(follow_links(target)),
      folder_(target_.has_parent_path() ? target_.parent_path() : fs::path(".")),
      expected_bytes_(expected_bytes) {
  struct stat info{};
  if (::stat(target_.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) throw Error(shown_path_ + ": is a folder; name a file in it");
    // A rename onto /dev/null would put a file in the device's place.
    if (!S_ISREG(info.st_mode)) {
      throw Error(shown_path_ +
                  ": is a pipe or device and cannot be replaced; name a regular file");
    }
    kept_mode_ = info.st_mode & 07777U;
  }
  folder_descriptor_ = FileDescriptor(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder_descriptor_.is_open()) {
    fail("cannot open the folder " + in_quotes(folder_.string()), errno);
  }
  open_temporary();
  if (kept_mode_ && ::fchmod(descriptor_.get(), static_cast<mode_t>(*kept_mode_)) != 0) {
    fail("cannot keep the file's mode bits", errno);
  }
}

void AtomicFile::open_temporary() {
  // Until a replaced file's own mode is set, nobody else may read its successor.
  const mode_t mode = kept_mode_ ? 0600 : 0666;
  constexpr int kMostAttempts = 1000;  // names left by a killed process of the same number
  for (int i = 0; i < kMostAttempts; ++i) {
    temporary_ = folder_ / temporary_name();
    descriptor_ =
        FileDescriptor(::open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!descriptor_.is_open()) {
      if (errno == EEXIST) continue;
      const int error = errno;
      temporary_.clear();
      fail("cannot create a file in the folder " + in_quotes(folder_.string()), error);
    }
    if (lock_and_check_alive(descriptor_.get())) return;
  }
  temporary_.clear();
  fail("cannot find a free temporary name in the folder " + in_quotes(folder_.string()), EEXIST);
}

AtomicFile::~AtomicFile() {
  drop_temporary();
}

void AtomicFile::drop_temporary() noexcept {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  temporary_.clear();
  if (descriptor_.is_open()) descriptor_.close();
}

void AtomicFile::fail(const std::string& what, int error, uint64_t bytes_needed) {
  drop_temporary();
  std::string message = shown_path_ + ": " + what + ": " + errno_text(error);
  struct statvfs space{};
  if (error == ENOSPC && ::fstatvfs(folder_descriptor_.get(), &space) == 0) {
    message += "; " + grouped(expected_bytes_.value_or(bytes_needed)) + " bytes needed, " +
               grouped(static_cast<uint64_t>(space.f_bavail) * space.f_frsize) + " free";
  }
  message += kept_mode_ ? "; the previous file is kept" : "; nothing was written";
  throw Error(message);
}

void AtomicFile::write(const void* data, size_t size) {
  if (!descriptor_.is_open()) {
    throw Error(shown_path_ + ": write after the file was committed or had failed; open a new one");
  }
  constexpr size_t kLargestWrite = size_t{1} << 30;
  const auto* from = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t done = ::write(descriptor_.get(), from, std::min(size, kLargestWrite));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) fail("cannot write", done < 0 ? errno : ENOSPC, written_ + size);
    from += done;
    size -= static_cast<size_t>(done);
    written_ += static_cast<uint64_t>(done);
  }
}

void AtomicFile::commit() {
  if (!descriptor_.is_open()) {
    throw Error(shown_path_ +
                ": commit after the file was committed or had failed; open a new one");
  }
  // A failed fsync is final: the kernel may have dropped the dirty pages, and a second call would
  // then report success for data that is gone.
  if (::fsync(descriptor_.get()) != 0) fail("cannot sync to disk", errno, written_);
  if (descriptor_.close() != 0) fail("cannot close", errno, written_);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) {
    fail("cannot rename the finished file into place", errno, written_);
  }
  temporary_.clear();
  if (!sync_folder_descriptor(folder_descriptor_.get())) {
    throw Error(shown_path_ + ": was replaced, but its folder cannot be synced to disk: " +
                errno_text(errno) + "; a power cut may bring the previous file back");
  }
}

void write_text_file_atomically(const fs::path& path, std::string_view text) {
  AtomicFile file(path, text.size());
  file.write(text);
  file.commit();
}

void sync_folder(const fs::path& folder) {
  const FileDescriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.is_open() || !sync_folder_descriptor(descriptor.get())) {
    throw Error(folder.string() + ": cannot sync this folder to disk: " + errno_text(errno));
  }
}

bool is_temporary_name(std::string_view name) {
  if (!name.starts_with(kTemporaryPrefix) || !name.ends_with(kTemporarySuffix)) return false;
  if (name.size() < kTemporaryPrefix.size() + kTemporarySuffix.size()) return false;
  name.remove_prefix(kTemporaryPrefix.size());
  name.remove_suffix(kTemporarySuffix.size());
  const size_t dash = name.find('-');
  if (dash == std::string_view::npos) return false;
  const auto is_number = [](std::string_view part) {
    return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  return is_number(name.substr(0, dash)) && is_number(name.substr(dash + 1));
}

int remove_orphan_temporaries(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> candidates;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (is_temporary_name(entry->path().filename().string())) candidates.push_back(entry->path());
  }
  int removed = 0;
  for (const fs::path& path : candidates) {
    constexpr int kFlags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    // Network file systems lock only what is open for writing; a read-only successor is not.
    FileDescriptor descriptor(::open(path.c_str(), O_RDWR | kFlags));
    if (!descriptor.is_open()) descriptor = FileDescriptor(::open(path.c_str(), O_RDONLY | kFlags));
    struct stat info{};
    if (!descriptor.is_open() || ::fstat(descriptor.get(), &info) != 0) continue;
    if (!S_ISREG(info.st_mode) || info.st_uid != ::geteuid()) continue;
    if (::flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0) continue;  // its writer lives
    if (::unlink(path.c_str()) == 0) ++removed;
  }
  return removed;
}

}  // namespace mixwright::io
