#pragma once

#include <filesystem>
#include <string>

namespace mixwright::io {

/// What a safetensors file holds: per tensor its dtype, shape, elements, bytes, count of non-finite
/// values, and least, greatest and mean finite value; then totals, metadata and warnings. As a
/// table for people, or as one JSON object. Both end in a newline.
/// Throws: mixwright::Error where the file is refused.
std::string inspect_safetensors(const std::filesystem::path& path, bool json);

}  // namespace mixwright::io
