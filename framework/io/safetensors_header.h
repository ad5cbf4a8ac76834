#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "framework/io/safetensors_dtype.h"

namespace mixwright::io {

/// One tensor of a safetensors file. Offsets count from the end of the header.
struct TensorEntry {
  std::string name;
  SafetensorsDtype dtype = SafetensorsDtype::kF32;
  std::vector<int64_t> shape;
  uint64_t begin = 0;
  uint64_t end = 0;

  uint64_t bytes() const { return end - begin; }
  int64_t elements() const;
};

/// What a safetensors header says, checked against the size of its file.
struct SafetensorsHeader {
  std::vector<TensorEntry> entries;  ///< in the order of their bytes; together they fill the file
  std::map<std::string, std::string> metadata;
  std::vector<std::string> warnings;  ///< what other readers take in silence; at most a handful
  uint64_t data_offset = 0;           ///< where in the file the tensors' bytes begin
};

inline constexpr uint64_t kHeaderLengthBytes = 8;
inline constexpr uint64_t kMaxHeaderBytes = 100'000'000;
inline constexpr size_t kMaxTensorRank = 64;  // LibTorch's own limit

/// Length of the JSON text behind the first 8 bytes, checked against the file before anything is
/// allocated. `first` holds what the file has of those bytes.
/// Throws: mixwright::Error, as do the two below; `file` is the name to show.
uint64_t parse_header_length(std::span<const uint8_t> first,
                             uint64_t file_bytes,
                             const std::string& file);

/// Reads and validates the JSON text of a file that has `data_bytes` bytes behind it. No memory is
/// taken but in proportion to the text, whatever counts stand in it.
/// Source: the safetensors format README, and its reference reader 0.8.0.
/// Deviates: refuses duplicate names and keys, empty names and NUL in them, more than 64 dims,
/// nesting deeper than 4, tensors written as arrays, and any shape whose non-zero dims overflow.
SafetensorsHeader parse_safetensors_header(std::string_view text,
                                           uint64_t data_bytes,
                                           const std::string& file);

/// Both steps for a whole file in memory.
SafetensorsHeader parse_safetensors(std::span<const uint8_t> bytes, const std::string& file);

/// `[2, 3]`
std::string shape_text(std::span<const int64_t> shape);

}  // namespace mixwright::io
