#include "cifar_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <mixwright/error.h>

namespace {

constexpr int64_t kRecordsAtOnce = 256;  // 0.8 MB: small beside the pictures themselves

/// A file whose length is known and right.
class RecordFile {
 public:
  RecordFile(const std::string& path, int64_t records, int64_t record_bytes) : path_(path) {
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor_ < 0) {
      throw mixwright::Error(path_ + ": cannot be opened: " + std::strerror(errno) +
                             "; a file of CIFAR's binary version expected, unpacked");
    }
    try {
      check(records, record_bytes);
    } catch (...) {
      ::close(descriptor_);
      throw;
    }
  }
  RecordFile(const RecordFile&) = delete;
  RecordFile& operator=(const RecordFile&) = delete;
  ~RecordFile() { ::close(descriptor_); }

  void read(uint8_t* data, int64_t size) {
    while (size > 0) {
      const ssize_t got = ::read(descriptor_, data, static_cast<size_t>(size));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) fail(std::string("cannot be read: ") + std::strerror(errno));
      if (got == 0) fail("became shorter while it was read");
      data += got;
      size -= got;
    }
  }

 private:
  void check(int64_t records, int64_t record_bytes) const {
    struct stat status{};
    if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
      fail(std::string("is no file") + (S_ISDIR(status.st_mode) ? " but a folder" : "") +
           "; a file of CIFAR's binary version expected");
    }
    const int64_t size = status.st_size;
    if (size == records * record_bytes) return;
    const int64_t whole = size / record_bytes;
    const int64_t rest = size % record_bytes;
    fail(std::to_string(records * record_bytes) + " bytes expected (" + std::to_string(records) +
         " records of " + std::to_string(record_bytes) + "), file has " + std::to_string(size) +
         " (" + std::to_string(whole) + " records" +
         (rest == 0 ? "" : " and " + std::to_string(rest) + " bytes") +
         "); the download may be cut off, or the file belongs to another data set");
  }
  [[noreturn]] void fail(const std::string& reason) const {
    throw mixwright::Error(path_ + ": " + reason);
  }

  std::string path_;
  int descriptor_ = -1;
};

/// [3, 32, 32] -> [32, 32, 3]
void interleave(const uint8_t* planes, uint8_t* out) {
  for (int64_t i = 0; i < kCifarPixels; ++i) {
    for (int64_t c = 0; c < kCifarChannels; ++c) *out++ = planes[c * kCifarPixels + i];
  }
}

}  // namespace

int64_t CifarFormat::record_bytes() const {
  return static_cast<int64_t>(labels.size()) + kCifarChannels * kCifarPixels;
}

void read_cifar(const std::string& path,
                const CifarFormat& format,
                int64_t records,
                uint8_t* pictures,
                uint8_t* classes) {
  const int64_t record_bytes = format.record_bytes();
  RecordFile file(path, records, record_bytes);
  std::vector<uint8_t> some(static_cast<size_t>(kRecordsAtOnce * record_bytes));
  for (int64_t first = 0; first < records; first += kRecordsAtOnce) {
    const int64_t count = std::min(kRecordsAtOnce, records - first);
    file.read(some.data(), count * record_bytes);
    for (int64_t i = 0; i < count; ++i) {
      const uint8_t* record = some.data() + i * record_bytes;
      for (size_t l = 0; l < format.labels.size(); ++l) {
        const CifarLabel& label = format.labels[l];
        if (record[l] < label.classes) continue;
        throw mixwright::Error(path + ": " + label.name + " " + std::to_string(record[l]) +
                               " of record " + std::to_string(first + i) + "; 0 to " +
                               std::to_string(label.classes - 1) +
                               " expected; is this file of another data set, or damaged?");
      }
      *classes++ = record[format.chosen];
      interleave(record + format.labels.size(), pictures);
      pictures += kCifarChannels * kCifarPixels;
    }
  }
}
