#pragma once

#include <set>
#include <string>

#include "framework/io/safetensors_header.h"

namespace mixwright::io {

/// What must hold of every header that the parser accepts, told by means of its own: the first
/// fault in words, or "".
inline std::string broken_invariant(const SafetensorsHeader& header, uint64_t file_bytes) {
  if (header.data_offset < 8 || header.data_offset > file_bytes) return "data offset outside";
  std::set<std::string> names;
  uint64_t covered = 0;
  for (const TensorEntry& entry : header.entries) {
    if (entry.name.empty()) return "empty name";
    if (entry.name.find('\0') != std::string::npos) return "NUL in a name";
    if (!names.insert(entry.name).second) return "name twice";
    if (entry.begin != covered || entry.end < entry.begin) return "hole or overlap";
    if (entry.shape.size() > kMaxTensorRank) return "rank";
    // long double has 64 bits of mantissa, and every accepted product is below 2^63.
    long double bits = static_cast<long double>(dtype_bits(entry.dtype));
    for (const int64_t dim : entry.shape) {
      if (dim < 0) return "negative dim";
      bits *= static_cast<long double>(dim);
    }
    if (bits != 8.0L * static_cast<long double>(entry.bytes())) return "size";
    covered = entry.end;
  }
  if (covered != file_bytes - header.data_offset) return "bytes without tensor";
  return "";
}

}  // namespace mixwright::io
