#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mixwright::io {

/// A count as people read it: 4096 -> `4,096`.
std::string grouped(uint64_t value);

/// Makes foreign text fit on one line of a terminal: control characters become `\n`, `\u001b` …,
/// and what is longer than `limit` bytes ends in `…`.
std::string printable(std::string_view text, size_t limit = 120);

/// `printable` in double quotes, for names out of a file.
std::string in_quotes(std::string_view text);

/// Offset of the first byte that is not UTF-8 (RFC 3629: no surrogates, no overlong forms), or
/// npos.
size_t find_invalid_utf8(std::string_view text);

/// Now, as `2026-03-01T12:00:00Z`.
std::string utc_now();

/// What errno says, without its number.
std::string errno_text(int error);

}  // namespace mixwright::io
