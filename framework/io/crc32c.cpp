#include "framework/io/crc32c.h"

#include <array>
#include <cstddef>

namespace mixwright::io {

namespace {

constexpr uint32_t kReflectedPolynomial = 0x82F63B78U;

/// What each value of a byte does to the remainder.
constexpr std::array<uint32_t, 256> remainders() {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < table.size(); ++byte) {
    uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value >> 1U) ^ ((value & 1U) != 0 ? kReflectedPolynomial : 0U);
    }
    table[byte] = value;
  }
  return table;
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  static constexpr std::array<uint32_t, 256> kRemainders = remainders();
  uint32_t value = 0xFFFFFFFFU;
  for (const char c : bytes) {
    value = kRemainders[(value ^ static_cast<unsigned char>(c)) & 0xFFU] ^ (value >> 8U);
  }
  return value ^ 0xFFFFFFFFU;
}

}  // namespace mixwright::io
