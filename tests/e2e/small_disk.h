#pragma once

#include <cstdint>
#include <filesystem>

namespace mixwright::e2e {

/// A file system of its own (tmpfs), to be filled up. It is mounted for this process and those that
/// it starts alone, so that it is gone with them whatever happens.
class SmallDisk {
 public:
  /// Mounts it over `folder`, which exists and is empty.
  explicit SmallDisk(std::filesystem::path folder);
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk();

  /// Whether this system lets it be mounted; nothing else works where not.
  bool is_mounted() const { return mounted_; }
  std::filesystem::path path() const { return folder_; }

  static constexpr int64_t kPage = 4096;
  /// Takes all room but so many pages.
  void leave_pages(int64_t pages) const;
  /// Takes all names for files, folders and links but so many.
  void leave_files(int64_t files) const;
  /// Gives back what was taken.
  void make_room() const;

 private:
  std::filesystem::path filler() const { return folder_ / "filler"; }

  std::filesystem::path folder_;
  bool mounted_ = false;
};

}  // namespace mixwright::e2e
