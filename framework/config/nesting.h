#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mixwright::config {

/// A place in a text, counted from 1; columns count characters, as editors do.
struct TextPosition {
  int line = 1;
  int column = 1;
};

/// Where brackets or dotted keys of a TOML text first go deeper than `limit`. The parser builds
/// a key of a hundred thousand dots without complaint and then overflows the stack.
std::optional<TextPosition> first_too_deep(std::string_view text, int limit);

std::string too_deep_message();

/// The nearest place that exists in the text: a parser at the end of a file may point behind it.
TextPosition inside(std::string_view text, int line, int column);

}  // namespace mixwright::config
