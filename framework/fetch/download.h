#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <mixwright/error.h>

#include "framework/fetch/public_dataset.h"

namespace mixwright::fetch {

/// The user asked to stop; what has come stays, to go on from.
class Stopped : public Error {
 public:
  using Error::Error;
};

struct DownloadOptions {
  int attempts = 3;  ///< that bring nothing new, one after the other, at each address
  std::chrono::milliseconds pause{1000};  ///< before a second attempt, doubled before each further
  std::chrono::seconds connect_limit{30};
  std::chrono::seconds stall_limit{60};
  std::function<bool()> stopped = [] { return false; };
  std::function<void(uint64_t)> progress = [](uint64_t) {};  ///< bytes that are there
  std::function<void(const std::string&)> tell = [](const std::string&) {};  ///< one line
};

/// Brings a file to `target`. What comes is written to `target`.part; where that is there already
/// it goes on behind its end, if the server has still the same file (If-Range), and else anew. The
/// file gets its name when it has the size and the SHA-256 that it must have, and lies on the disk.
/// A file that has its name already is looked at, not fetched.
///
/// `urls` are tried in their order. Broken connections, slow servers and the statuses 408, 429 and
/// 5xx are tried again, after a pause; a wrong size, a wrong checksum and other statuses are not.
/// A .part with the wrong checksum is deleted.
/// Throws: mixwright::Error with what every address came to; Stopped.
/// Gives the bytes that came over the network.
uint64_t download(const RemoteFile& file,
                  const std::vector<std::string>& urls,
                  const std::filesystem::path& target,
                  const DownloadOptions& options);

}  // namespace mixwright::fetch
