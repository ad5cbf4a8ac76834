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

struct Objection {
  TextPosition position;
  std::string message;
};

/// What toml++ 3.3 must not be given, although it is no valid TOML or no sensible config:
/// - brackets or dotted keys deeper than kMaxDepth (it overflows the stack);
/// - a table header that does not begin with a key, and characters beyond ASCII outside of strings
///   and comments (both end in undefined behaviour);
/// - bytes that are not UTF-8 (it is one column off).
std::optional<Objection> objection_to(std::string_view text);

std::string too_deep_message();

/// The nearest place that exists in the text: a parser at the end of a file may point behind it.
TextPosition inside(std::string_view text, int line, int column);

}  // namespace mixwright::config
