#include "framework/fetch/unpack.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include <mixwright/error.h>

#include "framework/fetch/download.h"
#include "framework/fetch/public_dataset.h"
#include "framework/fetch/transfer.h"
#include "framework/io/file_descriptor.h"
#include "framework/io/text.h"
#include "framework/plugin/sha256.h"

namespace mixwright::fetch {

namespace fs = std::filesystem;

namespace {

/// Writes what an archive holds below a folder, within the bounds.
class Unpacker final : public ArchiveReceiver {
 public:
  Unpacker(const fs::path& archive, fs::path folder, const UnpackOptions& options)
      : archive_(archive.filename().string()), folder_(std::move(folder)), options_(options) {}

  void entry(const ArchiveEntry& entry) override {
    close();
    if (options_.stopped()) throw Stopped("stopped");
    if (++entries_ > options_.most_entries) {
      refuse("holds more than " + io::grouped(options_.most_entries) + " files and folders");
    }
    if (!stays_below(entry.path)) {
      refuse("holds " + io::in_quotes(entry.path) + ", a path that leads out of the folder");
    }
    if (entry.kind == ArchiveEntry::Kind::kOther) {
      refuse("holds " + io::in_quotes(entry.path) + ", " + entry.words +
             "; only files and folders are unpacked");
    }
    const std::string path = fs::path(entry.path).lexically_normal().string();
    if (entry.kind == ArchiveEntry::Kind::kFolder) {
      make_folder(folder_ / path, path);
    } else {
      open(path);
    }
  }

  void take(const char* data, size_t size) override {
    if (options_.stopped()) throw Stopped("stopped");
    if (size > options_.most_bytes - total_) {
      refuse("unpacks to more than the " + io::grouped(options_.most_bytes) + " bytes allowed");
    }
    if (const int error = file_.write_all({data, size}); error != 0) {
      fail(stored_.back().path, error);
    }
    sum_.add(data, size);
    total_ += size;
    stored_.back().bytes += size;
    options_.progress(total_);
  }

  std::vector<StoredFile> finish() {
    close();
    if (stored_.empty()) refuse("holds no files");
    return std::move(stored_);
  }

  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(archive_ + ": refused: " + what);
  }

 private:
  [[noreturn]] void fail(const std::string& path, int error) const {
    std::string message =
        (folder_ / path).string() + ": cannot be written: " + io::errno_text(error);
    struct statvfs space{};
    if (error == ENOSPC && ::statvfs(folder_.c_str(), &space) == 0) {
      message += "; up to " + io::grouped(options_.most_bytes - total_) + " bytes needed, " +
                 io::grouped(static_cast<uint64_t>(space.f_bavail) * space.f_frsize) + " free";
    }
    throw Error(message);
  }

  void make_folder(const fs::path& folder, const std::string& path) const {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) fail(path, error.value());
  }

  // No link ever lies below the folder, so no component of the path can lead elsewhere.
  void open(const std::string& path) {
    const fs::path target = folder_ / path;
    make_folder(target.parent_path(), path);
    constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    file_ = io::FileDescriptor(::open(target.c_str(), kFlags, 0644));
    if (!file_.is_open() && (errno == EEXIST || errno == EISDIR)) {
      refuse("holds " + io::in_quotes(path) + " twice");
    }
    if (!file_.is_open()) fail(path, errno);
    stored_.push_back({path, 0, ""});
    sum_ = plugin::Sha256();
  }

  void close() {
    if (!file_.is_open()) return;
    if (file_.close() != 0) fail(stored_.back().path, errno);
    stored_.back().sha256 = sum_.hex();
  }

  std::string archive_;
  fs::path folder_;
  const UnpackOptions& options_;
  std::vector<StoredFile> stored_;
  plugin::Sha256 sum_;
  io::FileDescriptor file_;
  uint64_t total_ = 0;
  uint64_t entries_ = 0;
};

}  // namespace

std::vector<StoredFile> unpack(const fs::path& archive,
                               const fs::path& folder,
                               const UnpackOptions& options) {
  Unpacker unpacker(archive, folder, options);
  const std::string failure = transfer().read_archive(archive, unpacker);
  if (!failure.empty()) unpacker.refuse("damaged or no archive: " + io::printable(failure));
  return unpacker.finish();
}

}  // namespace mixwright::fetch
