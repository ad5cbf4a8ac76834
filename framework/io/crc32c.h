#pragma once

#include <cstdint>
#include <string_view>

namespace mixwright::io {

/// CRC-32C (Castagnoli): polynomial 0x1EDC6F41, reflected, start and final value all ones.
/// Source: RFC 3720 (iSCSI, 2004), section 12.1; its examples in appendix B.4 are the test.
uint32_t crc32c(std::string_view bytes);

}  // namespace mixwright::io
