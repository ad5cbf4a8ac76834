#include "framework/fetch/adapters/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <memory>
#include <vector>

namespace mixwright::fetch {

namespace {

constexpr size_t kBlock = size_t{1} << 16;
constexpr size_t kPiece = size_t{1} << 20;

struct Closer {
  void operator()(archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<archive, Closer>;

/// By name: "all" would take those, too, that are outside programs.
bool set_formats(archive* reader) {
  return archive_read_support_filter_gzip(reader) == ARCHIVE_OK &&
         archive_read_support_filter_bzip2(reader) == ARCHIVE_OK &&
         archive_read_support_filter_xz(reader) == ARCHIVE_OK &&
         archive_read_support_filter_zstd(reader) == ARCHIVE_OK &&
         archive_read_support_format_tar(reader) == ARCHIVE_OK &&
         archive_read_support_format_zip(reader) == ARCHIVE_OK;
}

std::string words_of(archive* reader) {
  const char* words = archive_error_string(reader);
  return words != nullptr && *words != '\0' ? words : "unknown error";
}

std::string words_of_type(unsigned type) {
  switch (type) {
    case AE_IFLNK:
      return "a symbolic link";
    case AE_IFCHR:
    case AE_IFBLK:
      return "a device";
    case AE_IFIFO:
      return "a named pipe";
    case AE_IFSOCK:
      return "a socket";
    default:
      return "no file";
  }
}

ArchiveEntry entry_of(archive_entry* from) {
  ArchiveEntry entry;
  const char* path = archive_entry_pathname(from);
  // Names in UTF-8 that the locale cannot say come by this way only.
  if (path == nullptr) path = archive_entry_pathname_utf8(from);
  if (path != nullptr) entry.path = path;
  const auto type = static_cast<unsigned>(archive_entry_filetype(from));
  if (archive_entry_hardlink(from) != nullptr || archive_entry_hardlink_utf8(from) != nullptr) {
    entry.words = "a hard link";
  } else if (type == AE_IFREG) {
    entry.kind = ArchiveEntry::Kind::kFile;
  } else if (type == AE_IFDIR) {
    entry.kind = ArchiveEntry::Kind::kFolder;
  } else {
    entry.words = words_of_type(type);
  }
  return entry;
}

/// Gives what is wrong, or "".
std::string read_data(archive* reader, std::vector<char>& piece, ArchiveReceiver& receiver) {
  while (true) {
    const la_ssize_t got = archive_read_data(reader, piece.data(), piece.size());
    if (got == 0) return "";
    if (got == ARCHIVE_RETRY) continue;
    if (got < 0) return words_of(reader);
    receiver.take(piece.data(), static_cast<size_t>(got));
  }
}

}  // namespace

std::string read_archive(const std::filesystem::path& file, ArchiveReceiver& receiver) {
  const Reader reader(archive_read_new());
  if (reader == nullptr || !set_formats(reader.get())) return "libarchive cannot be started";
  if (archive_read_open_filename(reader.get(), file.c_str(), kBlock) != ARCHIVE_OK) {
    return words_of(reader.get());
  }
  std::vector<char> piece(kPiece);
  while (true) {
    archive_entry* entry = nullptr;
    const int code = archive_read_next_header(reader.get(), &entry);
    if (code == ARCHIVE_EOF) return "";
    if (code == ARCHIVE_RETRY) continue;
    // ARCHIVE_WARN: the entry is whole, something about its owner or times was not understood.
    if (code != ARCHIVE_OK && code != ARCHIVE_WARN) return words_of(reader.get());
    const ArchiveEntry seen = entry_of(entry);
    receiver.entry(seen);
    if (seen.kind != ArchiveEntry::Kind::kFile) continue;
    const std::string failure = read_data(reader.get(), piece, receiver);
    if (!failure.empty()) return failure;
  }
}

}  // namespace mixwright::fetch
