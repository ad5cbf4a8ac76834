#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include <mixwright/error.h>

#include "framework/fetch/download.h"
#include "framework/fetch/transfer.h"
#include "framework/io/file_descriptor.h"

namespace mixwright::fetch {

/// What a server sends is not the file that is wanted; asking it again would not help.
class Unfit : public Error {
 public:
  using Error::Error;
};

/// The beginning of a file that is being downloaded: TARGET.part, and beside it TARGET.part.from,
/// which names the address and the server's version of the file (ETag or Last-Modified).
/// Throws: Unfit for what a server sends, mixwright::Error where it cannot be written.
class PartFile final : public HttpReceiver {
 public:
  PartFile(const RemoteFile& file,
           const std::filesystem::path& target,
           const DownloadOptions& options);
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;
  ~PartFile() override;  ///< an empty one is removed

  uint64_t size() const { return size_; }
  uint64_t received() const { return received_; }  ///< bytes that came over the network
  bool is_whole() const { return size_ == file_.bytes(); }
  /// Whether what it holds comes from more than one reply, or from an earlier time: it may not fit
  /// together.
  bool is_pieced() const { return pieces_ > 1; }

  HttpRequest request_to(const std::string& url);
  void begin(const HttpReply& reply) override;
  void take(const char* data, size_t size) override;
  bool stopped() override { return options_.stopped(); }

  /// Forgets what has come.
  void start_anew();
  /// The checksum of what lies on the disk.
  std::string sha256();
  /// Gives it its name.
  void finish();

 private:
  [[noreturn]] void fail(const std::string& what, int error) const;
  void remember(const std::string& validator) const;
  std::string remembered_validator() const;

  const RemoteFile& file_;
  const DownloadOptions& options_;
  std::filesystem::path target_;
  std::filesystem::path path_;
  std::filesystem::path origin_;
  io::FileDescriptor descriptor_;
  std::string url_;
  uint64_t size_ = 0;
  uint64_t received_ = 0;
  int pieces_ = 0;
};

/// Where a part of a file begins and how long the file is, out of `bytes 100-199/200`; nothing
/// where the text says anything else. The length is missing for `bytes 100-199/*`.
struct ContentRange {
  uint64_t from = 0;
  std::optional<uint64_t> total;
};
std::optional<ContentRange> parse_content_range(const std::string& text);

}  // namespace mixwright::fetch
