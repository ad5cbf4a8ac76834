#include "framework/io/safetensors_header.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>

#include <mixwright/error.h>

#include "framework/io/safetensors_json.h"
#include "framework/io/text.h"

namespace mixwright::io {

namespace {

[[noreturn]] void refuse(const std::string& file,
                         const TensorEntry& entry,
                         const std::string& what) {
  throw Error(file + ": tensor " + in_quotes(entry.name) + ": " + what);
}

std::string shape_and_dtype(const TensorEntry& entry) {
  return "shape " + shape_text(entry.shape) + " " + std::string(dtype_name(entry.dtype));
}

/// Bits of the whole tensor. Zeros are left out of the product that must not overflow: otherwise
/// [big, 8, 0] and [0, big, 8] would meet different fates, and strides could still overflow.
int64_t checked_bits(const std::string& file, const TensorEntry& entry) {
  int64_t product = 1;
  bool empty = false;
  bool overflow = false;
  for (const int64_t dim : entry.shape) {
    if (dim == 0) {
      empty = true;
    } else {
      overflow = overflow || __builtin_mul_overflow(product, dim, &product);
    }
  }
  if (empty && !overflow) return 0;
  if (overflow || __builtin_mul_overflow(product, dtype_bits(entry.dtype), &product)) {
    refuse(file, entry, shape_and_dtype(entry) + " overflows 63 bits; the header is corrupted");
  }
  return product;
}

void check_size(const std::string& file, const TensorEntry& entry) {
  if (entry.begin > entry.end) {
    refuse(file,
           entry,
           "data_offsets begin at " + grouped(entry.begin) + " and end before, at " +
               grouped(entry.end));
  }
  const int64_t bits = checked_bits(file, entry);
  if (bits % 8 != 0) {
    refuse(file,
           entry,
           shape_and_dtype(entry) + " has " + grouped(static_cast<uint64_t>(bits)) +
               " bits, which do not fill whole bytes");
  }
  const uint64_t expected = static_cast<uint64_t>(bits) / 8;
  if (entry.bytes() != expected) {
    refuse(file,
           entry,
           grouped(expected) + " bytes expected from " + shape_and_dtype(entry) +
               ", header gives " + grouped(entry.bytes()) +
               "; the file is corrupted or was cut off");
  }
}

/// Each tensor begins where the one before it ended, the first at 0, the last ends with the file.
void check_layout(const std::string& file, const SafetensorsHeader& header, uint64_t data_bytes) {
  const TensorEntry* previous = nullptr;
  for (const TensorEntry& entry : header.entries) {
    const uint64_t end_before = previous ? previous->end : 0;
    if (entry.begin != end_before) {
      refuse(file,
             entry,
             "begins at byte " + grouped(entry.begin) + ", but " +
                 (previous ? "tensor " + in_quotes(previous->name) + " ends at byte "
                           : std::string("the first tensor must begin at byte ")) +
                 grouped(end_before) + "; tensors must neither overlap nor leave holes");
    }
    previous = &entry;
  }
  const uint64_t end = previous ? previous->end : 0;
  if (end == data_bytes) return;
  throw Error(file + ": " + grouped(end) +
              " bytes of tensors expected from its header, file holds " + grouped(data_bytes) +
              (end > data_bytes ? "; the download may be cut off"
                                : "; the rest belongs to no tensor, the file is corrupted"));
}

}  // namespace

int64_t TensorEntry::elements() const {
  int64_t product = 1;
  for (const int64_t dim : shape) product *= dim;
  return product;
}

std::string shape_text(std::span<const int64_t> shape) {
  std::string text = "[";
  for (const int64_t dim : shape) {
    if (text.size() > 1) text += ", ";
    text += std::to_string(dim);
  }
  return text + "]";
}

uint64_t parse_header_length(std::span<const uint8_t> first,
                             uint64_t file_bytes,
                             const std::string& file) {
  if (file_bytes < kHeaderLengthBytes || first.size() < kHeaderLengthBytes) {
    throw Error(file + ": has " + grouped(file_bytes) +
                " bytes, a safetensors file has at least 8; the download may be cut off");
  }
  uint64_t length = 0;
  for (size_t i = kHeaderLengthBytes; i-- > 0;) length = (length << 8U) | first[i];
  if (length > kMaxHeaderBytes) {
    throw Error(file + ": its first 8 bytes give a header of " + grouped(length) +
                " bytes, at most " + grouped(kMaxHeaderBytes) +
                " are allowed; this is no safetensors file");
  }
  if (length > file_bytes - kHeaderLengthBytes) {
    throw Error(file + ": a header of " + grouped(length) + " bytes expected, file has " +
                grouped(file_bytes - kHeaderLengthBytes) +
                " left; the download may be cut off, or this is no safetensors file");
  }
  return length;
}

SafetensorsHeader parse_safetensors_header(std::string_view text,
                                           uint64_t data_bytes,
                                           const std::string& file) {
  SafetensorsHeader header = read_header_json(text, file);
  header.data_offset = kHeaderLengthBytes + text.size();
  for (const TensorEntry& entry : header.entries) check_size(file, entry);
  // Empty tensors come before the one that begins where they lie.
  std::sort(
      header.entries.begin(), header.entries.end(), [](const TensorEntry& a, const TensorEntry& b) {
        return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
      });
  check_layout(file, header, data_bytes);
  return header;
}

SafetensorsHeader parse_safetensors(std::span<const uint8_t> bytes, const std::string& file) {
  const uint64_t length = parse_header_length(bytes, bytes.size(), file);
  const auto* text = reinterpret_cast<const char*>(bytes.data()) + kHeaderLengthBytes;
  return parse_safetensors_header(
      {text, static_cast<size_t>(length)}, bytes.size() - kHeaderLengthBytes - length, file);
}

}  // namespace mixwright::io
