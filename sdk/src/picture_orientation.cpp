#include "picture_orientation.h"

#include <cstring>
#include <optional>
#include <string_view>

namespace mixwright::picture {

namespace {

using Bytes = std::span<const uint8_t>;

constexpr int kAsStored = 1;
constexpr int kLastOrientation = 8;

constexpr uint8_t kStartOfScan = 0xda;  // pixels follow; EXIF stands before them
constexpr uint8_t kEndOfImage = 0xd9;
constexpr uint8_t kApp1 = 0xe1;
constexpr std::string_view kExif("Exif\0\0", 6);

constexpr uint64_t kEntryBytes = 12;  // of a TIFF directory: tag, type, count, value
constexpr uint64_t kOrientationTag = 0x0112;
constexpr uint64_t kShort = 3;  // a 16-bit value
constexpr uint64_t kLong = 4;   // some programs write it so

bool starts_with(Bytes bytes, std::string_view text) {
  return bytes.size() >= text.size() && std::memcmp(bytes.data(), text.data(), text.size()) == 0;
}

/// Integers of a TIFF block; nothing where they would end behind it.
class Tiff {
 public:
  explicit Tiff(Bytes bytes) : bytes_(bytes), little_(starts_with(bytes, "II")) {}

  bool is_tiff() const {
    constexpr uint64_t kMagic = 42;
    return (little_ || starts_with(bytes_, "MM")) && at(2, 2) == kMagic;
  }

  /// An unsigned integer of `size` bytes at `offset`.
  std::optional<uint64_t> at(uint64_t offset, uint64_t size) const {
    if (offset > bytes_.size() || size > bytes_.size() - offset) return std::nullopt;
    uint64_t value = 0;
    for (uint64_t i = 0; i < size; ++i) {
      value = value << 8U | bytes_[offset + (little_ ? size - 1 - i : i)];
    }
    return value;
  }

 private:
  Bytes bytes_;
  bool little_;
};

int orientation_of(const Tiff& tiff) {
  if (!tiff.is_tiff()) return kAsStored;
  const std::optional<uint64_t> directory = tiff.at(4, 4);
  if (!directory) return kAsStored;
  const uint64_t count = tiff.at(*directory, 2).value_or(0);
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t entry = *directory + 2 + i * kEntryBytes;
    const std::optional<uint64_t> tag = tiff.at(entry, 2);
    if (!tag) break;
    if (*tag != kOrientationTag) continue;
    const std::optional<uint64_t> type = tiff.at(entry + 2, 2);
    if ((type != kShort && type != kLong) || tiff.at(entry + 4, 4) != 1U) break;
    const uint64_t value = tiff.at(entry + 8, type == kShort ? 2 : 4).value_or(kAsStored);
    return value >= kAsStored && value <= kLastOrientation ? static_cast<int>(value) : kAsStored;
  }
  return kAsStored;
}

}  // namespace

// A JPEG is a list of segments: 0xff, a marker, a length of two bytes that counts itself.
int exif_orientation(Bytes jpeg) {
  size_t at = 2;  // behind the start of the image
  while (jpeg.size() > at && jpeg.size() - at >= 4) {
    if (jpeg[at] != 0xff) return kAsStored;
    const uint8_t marker = jpeg[at + 1];
    if (marker == 0xff) {  // a filling byte
      ++at;
      continue;
    }
    if (marker == kStartOfScan || marker == kEndOfImage) return kAsStored;
    const size_t length = static_cast<size_t>(jpeg[at + 2]) << 8U | jpeg[at + 3];
    if (length < 2 || length > jpeg.size() - at - 2) return kAsStored;
    const Bytes content = jpeg.subspan(at + 4, length - 2);
    if (marker == kApp1 && starts_with(content, kExif)) {
      return orientation_of(Tiff(content.subspan(kExif.size())));
    }
    at += 2 + length;
  }
  return kAsStored;
}

torch::Tensor turned_upright(const torch::Tensor& picture, int orientation) {
  constexpr int64_t kRows = 0;
  constexpr int64_t kColumns = 1;
  const bool transposed = orientation >= 5;
  const torch::Tensor lying = transposed ? picture.transpose(kRows, kColumns) : picture;
  std::vector<int64_t> mirrored;
  if (orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8) {
    mirrored.push_back(kRows);
  }
  if (orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7) {
    mirrored.push_back(kColumns);
  }
  return (mirrored.empty() ? lying : lying.flip(mirrored)).contiguous();
}

}  // namespace mixwright::picture
