#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/io/safetensors_header.h"

namespace mixwright::io {

/// Metadata key under which a file carries checksums. Other readers see one more metadata string.
inline constexpr std::string_view kChecksumKey = "mixwright.crc32";

/// CRC-32 sums of a safetensors file: one over its metadata, one for each tensor that covers name,
/// dtype, shape and bytes. The format itself has none, so that a flipped bit would load in silence.
class SafetensorsChecksums {
 public:
  /// Reads the text under `kChecksumKey` and compares the sum of `header`'s other metadata.
  /// Nothing where the header carries no sums. Throws: mixwright::Error, `file` to be shown.
  static std::optional<SafetensorsChecksums> from_header(const SafetensorsHeader& header,
                                                         const std::string& file);

  void set_metadata(const std::map<std::string, std::string>& metadata);
  void set_tensor(const TensorEntry& entry, const void* data);

  /// Throws where the tensor's bytes are not those that were written.
  void verify(const TensorEntry& entry, const void* data, const std::string& file) const;

  /// The sums as text: metadata first, then the tensors in the order of their names.
  std::string text() const;

 private:
  uint32_t metadata_ = 0;
  std::map<std::string, uint32_t> tensors_;
};

}  // namespace mixwright::io
