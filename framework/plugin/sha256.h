#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace mixwright::plugin {

/// SHA-256 of bytes that come piece by piece. Source: FIPS 180-4, sections 4.1.2, 5.1.1 and 6.2.
class Sha256 {
 public:
  Sha256();
  void add(const void* data, size_t size);
  /// 64 hexadecimal digits; the object is used up.
  std::string hex();

 private:
  void mix(const uint8_t* block);

  std::array<uint32_t, 8> state_;
  std::array<uint8_t, 64> buffer_{};
  uint64_t bytes_ = 0;
};

/// As much of a checksum as a message shows.
inline std::string shortened(const std::string& sha256) {
  return sha256.substr(0, 12);
}

/// Throws: mixwright::Error where the file cannot be read.
std::string sha256_of_file(const std::filesystem::path& file);

}  // namespace mixwright::plugin
