#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

namespace mixwright::io {

/// A whole file mapped read-only into memory. An empty file gives no bytes.
///
/// A file that is cut off while it is mapped ends the process by SIGBUS at the first touch of a
/// lost page: map what this program or its installation owns, and read what strangers hold with
/// InputFile. Offsets in the file need not be aligned: copy out with memcpy, never cast a pointer.
///
/// Throws: mixwright::Error where the path cannot be opened or mapped, or is no regular file.
/// Owner: the bytes live as long as this object.
class MappedFile {
 public:
  explicit MappedFile(std::filesystem::path path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  const std::filesystem::path& path() const { return path_; }
  std::span<const uint8_t> bytes() const { return bytes_; }
  uint64_t size() const { return bytes_.size(); }

 private:
  std::filesystem::path path_;
  std::span<const uint8_t> bytes_;
};

}  // namespace mixwright::io
