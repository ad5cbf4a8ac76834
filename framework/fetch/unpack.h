#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace mixwright::fetch {

/// A file that came out of an archive, or lies in a data set's folder.
struct StoredFile {
  std::string path;  ///< below the folder
  uint64_t bytes = 0;
  std::string sha256;
};

struct UnpackOptions {
  uint64_t most_bytes = 0;            ///< of all files together
  uint64_t most_entries = 5'000'000;  ///< files and folders
  std::function<bool()> stopped = [] { return false; };
  std::function<void(uint64_t)> progress = [](uint64_t) {};  ///< bytes that were written
};

/// Unpacks a tar or zip file into a folder, which should be empty. Nothing outside of the folder is
/// written, whatever stands in the archive: an entry is refused, and with it the archive, that is
/// no file or folder (links of both kinds, devices, pipes), whose path is absolute, has `..` in it
/// or control characters, that is there already, or with which the sum of bytes or entries becomes
/// larger than `options` says. Mode bits, owners and times of the archive are ignored.
/// Throws: mixwright::Error that names archive and entry; Stopped. Some files may lie there then.
/// Gives what lies there, in the archive's order.
std::vector<StoredFile> unpack(const std::filesystem::path& archive,
                               const std::filesystem::path& folder,
                               const UnpackOptions& options);

}  // namespace mixwright::fetch
