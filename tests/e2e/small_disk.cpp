#include "tests/e2e/small_disk.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include <fstream>
#include <stdexcept>
#include <string>

namespace mixwright::e2e {

namespace fs = std::filesystem;

namespace {

struct statvfs space_of(const fs::path& folder) {
  struct statvfs space{};
  if (::statvfs(folder.c_str(), &space) != 0) throw std::runtime_error("no file system's space");
  return space;
}

}  // namespace

SmallDisk::SmallDisk(fs::path folder) : folder_(std::move(folder)) {
  mounted_ = ::unshare(CLONE_NEWNS) == 0 &&
             ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
             ::mount("none", folder_.c_str(), "tmpfs", 0, "size=4m,nr_inodes=200") == 0;
}

SmallDisk::~SmallDisk() {
  if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
}

void SmallDisk::leave_pages(int64_t pages) const {
  const struct statvfs space = space_of(folder_);
  const auto free = static_cast<int64_t>(space.f_bavail * space.f_frsize);
  fs::create_directory(filler());
  std::ofstream out(filler() / "bytes", std::ios::binary);
  out << std::string(static_cast<size_t>(free - pages * kPage), 'x');
  if (!out.flush() ||
      static_cast<int64_t>(space_of(folder_).f_bavail * space.f_frsize) != pages * kPage) {
    throw std::runtime_error("the disk was not filled as intended");
  }
}

void SmallDisk::leave_files(int64_t files) const {
  fs::create_directory(filler());
  for (auto free = static_cast<int64_t>(space_of(folder_).f_ffree); free > files; --free) {
    std::ofstream(filler() / std::to_string(free));
  }
  if (static_cast<int64_t>(space_of(folder_).f_ffree) != files) {
    throw std::runtime_error("the disk was not filled as intended");
  }
}

void SmallDisk::make_room() const {
  fs::remove_all(filler());
}

}  // namespace mixwright::e2e
