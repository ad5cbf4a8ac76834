#pragma once

#include <string>
#include <string_view>

#include "framework/io/safetensors_header.h"

namespace mixwright::io {

/// First half of reading a header: JSON text into entries, names and types checked; shapes and
/// offsets are taken as they are written, in the order of the text.
/// Throws: mixwright::Error, `file` being the name to show.
SafetensorsHeader read_header_json(std::string_view text, const std::string& file);

}  // namespace mixwright::io
