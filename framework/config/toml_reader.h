#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <mixwright/config_value.h>

namespace mixwright::config {

inline constexpr size_t kMaxFileBytes = size_t{1} << 20;
inline constexpr int kMaxDepth = 64;
inline constexpr size_t kMaxKeys = 4096;  ///< in one table

/// Reads TOML into values that know where they were written, keys in the order of the file.
/// `name` is the file as the user gave it. Throws a UsageError of one line,
/// `file:line:column: what is wrong`; dates, files over kMaxFileBytes and nesting deeper than
/// kMaxDepth are refused.
ConfigValue parse_toml(std::string_view text, const std::string& name);

/// The same for a file; one that cannot be read is a UsageError, too.
ConfigValue read_toml_file(const std::string& path);

/// One TOML value that fills the whole text, every part of it located at `location`. Throws a
/// UsageError that says only what is wrong, without a place.
ConfigValue parse_toml_value(std::string_view text, const SourceLocation& location);

}  // namespace mixwright::config
