#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace mixwright::fetch {

/// A request for a file, or for what follows its first bytes. http and https only.
struct HttpRequest {
  std::string url;
  uint64_t from = 0;      ///< the first byte wanted
  std::string validator;  ///< strong ETag or Last-Modified that the rest must belong to; may be ""
  std::string user_agent;
  std::chrono::seconds connect_limit{30};
  std::chrono::seconds stall_limit{60};  ///< without a byte for so long it is given up
};

/// What a server says before the file itself.
struct HttpReply {
  long status = 0;  ///< 200: the whole file; 206: from the byte asked for
  std::string etag;
  std::string last_modified;
  std::string content_range;               ///< `bytes 100-199/200`
  std::optional<uint64_t> content_length;  ///< of what follows
};

/// Takes a file as it comes. Either function may throw, which ends the transfer and comes through.
class HttpReceiver {
 public:
  virtual ~HttpReceiver() = default;
  /// Called once for a status of 200 or 206, before any byte.
  virtual void begin(const HttpReply& reply) = 0;
  virtual void take(const char* data, size_t size) = 0;
  /// Asked often, and at least once a second; true ends the transfer.
  virtual bool stopped() = 0;
};

struct HttpResult {
  long status = 0;      ///< of the last reply; 0: there was none
  std::string failure;  ///< why no reply came, or why it broke off; "" where all came
  bool stopped = false;
  bool retry = false;  ///< the failure may pass: no connection, broken off, too slow
};

/// One thing that is packed in an archive.
struct ArchiveEntry {
  enum class Kind { kFile, kFolder, kOther };
  Kind kind = Kind::kOther;
  std::string path;   ///< as it is written there
  std::string words;  ///< what an entry of kind kOther is: `a symbolic link`
};

/// Takes an archive's entries in their order, each followed by its bytes. May throw, as above.
class ArchiveReceiver {
 public:
  virtual ~ArchiveReceiver() = default;
  virtual void entry(const ArchiveEntry& entry) = 0;
  virtual void take(const char* data, size_t size) = 0;
};

/// What libcurl and libarchive are asked for.
///
/// Both stand in a library of their own, libmixwright_transfer.so, which is loaded by the first
/// call of transfer(): with the 30 libraries that those two need it would add 10 ms to every start
/// of the program.
class Transfer {
 public:
  virtual ~Transfer() = default;
  virtual HttpResult get(const HttpRequest& request, HttpReceiver& receiver) = 0;
  /// Reads a tar or zip file, packed by gzip, bzip2, xz, zstd or not at all; no outside program is
  /// called. Gives what is wrong with it, or "".
  virtual std::string read_archive(const std::filesystem::path& file,
                                   ArchiveReceiver& receiver) = 0;
};

/// Throws: mixwright::Error where the library cannot be loaded.
/// Thread: one at a time.
Transfer& transfer();

}  // namespace mixwright::fetch
