#include "framework/io/mapped_file.h"

#include <sys/mman.h>

#include <cerrno>
#include <limits>
#include <utility>

#include <mixwright/error.h>

#include "framework/io/input_file.h"
#include "framework/io/text.h"

namespace mixwright::io {

MappedFile::MappedFile(std::filesystem::path path) : path_(std::move(path)) {
  const InputFile file(path_);
  if (file.size() == 0) return;  // mmap refuses a length of 0
  static_assert(std::numeric_limits<size_t>::max() >= std::numeric_limits<uint64_t>::max());
  void* start =
      ::mmap(nullptr, file.size(), PROT_READ, MAP_PRIVATE, file.descriptor(), /*offset=*/0);
  if (start == MAP_FAILED) {
    throw Error(path_.string() + ": cannot map its " + grouped(file.size()) +
                " bytes: " + errno_text(errno));
  }
  bytes_ = {static_cast<const uint8_t*>(start), static_cast<size_t>(file.size())};
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)), bytes_(std::exchange(other.bytes_, {})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<uint8_t*>(bytes_.data()), bytes_.size());
}

}  // namespace mixwright::io
