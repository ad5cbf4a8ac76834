#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace mixwright::test {

/// One request that a FileServer was asked.
struct ServedRequest {
  std::string path;
  std::string range;
  std::string if_range;
  int status = 0;
  uint64_t sent = 0;  ///< bytes of the body
};

/// Serves the files of `folder`/files on the loopback address, in a process of its own on a free
/// port. How it misbehaves is said by the first part of a path: see file_server.py.
class FileServer {
 public:
  /// With `certificate` and `key` it speaks https.
  explicit FileServer(std::filesystem::path folder,
                      const std::filesystem::path& certificate = {},
                      const std::filesystem::path& key = {});
  FileServer(const FileServer&) = delete;
  FileServer& operator=(const FileServer&) = delete;
  ~FileServer();

  /// Whether the Python that it is written in is there; tests are skipped where not.
  static bool is_possible();

  int port() const { return port_; }
  /// `http://127.0.0.1:PORT/way/name`
  std::string url(const std::string& way, const std::string& name) const;
  /// The requests that have ended, in the order of their ends.
  std::vector<ServedRequest> requests() const;
  /// The same once there are so many; what there is after a minute.
  std::vector<ServedRequest> wait_for_requests(size_t count) const;
  uint64_t sent() const;

 private:
  std::filesystem::path folder_;
  std::string scheme_;
  pid_t process_ = 0;
  int port_ = 0;
};

/// Puts `bytes` into FOLDER/files/NAME and gives their SHA-256.
std::string serve_bytes(const std::filesystem::path& folder,
                        const std::string& name,
                        const std::string& bytes);

/// Bytes that look random and do not compress, the same each time.
std::string noise(size_t size, uint32_t seed = 1);

}  // namespace mixwright::test
