#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "framework/io/file_descriptor.h"

namespace mixwright::io {

/// Replaces a file as a whole or not at all: writes to a temporary name beside the target; `commit`
/// syncs the file, renames it and syncs the folder. When any step fails, or the object dies without
/// `commit`, the temporary file is dropped and what stood under the name is untouched.
///
/// A replaced file's mode bits are kept; a symbolic link is followed, so that the link stays. The
/// temporary name lies in the target's folder, hence on the same file system.
///
/// Throws: mixwright::Error; when the disk is full it tells the bytes needed and free.
/// Thread: one at a time.
class AtomicFile {
 public:
  /// `expected_bytes`, where known, is what a full disk is reported against.
  explicit AtomicFile(const std::filesystem::path& target,
                      std::optional<uint64_t> expected_bytes = std::nullopt);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  /// Appends. Not buffered: give large pieces.
  void write(const void* data, size_t size);
  void write(std::string_view text) { write(text.data(), text.size()); }

  /// When this returns, the new content has reached the disk under the target's name.
  void commit();

  const std::filesystem::path& temporary_path() const { return temporary_; }

 private:
  void open_temporary();
  void drop_temporary() noexcept;
  /// Drops the temporary file and throws; `error` is errno.
  [[noreturn]] void fail(const std::string& what, int error, uint64_t bytes_needed = 0);

  std::string shown_path_;  // as the user gave it
  std::filesystem::path target_;
  std::filesystem::path folder_;
  std::filesystem::path temporary_;
  std::optional<unsigned> kept_mode_;
  std::optional<uint64_t> expected_bytes_;
  uint64_t written_ = 0;
  FileDescriptor folder_descriptor_;
  FileDescriptor descriptor_;
};

void write_text_file_atomically(const std::filesystem::path& path, std::string_view text);

/// Makes names that were created, renamed or removed in `folder` survive a power cut.
void sync_folder(const std::filesystem::path& folder);

/// Whether a file of this name is, or was left by, an AtomicFile that was not committed.
bool is_temporary_name(std::string_view name);

/// Removes temporary files that killed processes of this user left in `folder` (not below it), and
/// gives their count. A living writer holds a lock on its file, which tells the two apart also
/// across containers and after a process number was used again; other programs' files stay.
int remove_orphan_temporaries(const std::filesystem::path& folder);

}  // namespace mixwright::io
