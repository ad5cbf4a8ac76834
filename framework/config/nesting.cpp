#include "framework/config/nesting.h"

#include <algorithm>

#include "framework/config/toml_reader.h"

namespace mixwright::config {

namespace {

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

int characters(std::string_view text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues_character(c); }));
}

TextPosition position_at(std::string_view text, size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          characters(before.substr(line_start)) + 1};
}

/// The offset behind the string that starts at `begin`; an unfinished one ends with its line, or
/// with the text where it may have several lines.
size_t skip_string(std::string_view text, size_t begin) {
  const char quote = text[begin];
  const bool escapes = quote == '"';
  const std::string three(3, quote);
  const bool multi_line = text.substr(begin, 3) == three;
  size_t at = begin + (multi_line ? 3 : 1);
  while (at < text.size()) {
    if (escapes && text[at] == '\\') {
      at += 2;
    } else if (multi_line && text.substr(at, 3) == three) {
      return at + 3;
    } else if (!multi_line && text[at] == quote) {
      return at + 1;
    } else if (!multi_line && text[at] == '\n') {
      return at;
    } else {
      ++at;
    }
  }
  return text.size();
}

}  // namespace

std::optional<TextPosition> first_too_deep(std::string_view text, int limit) {
  int brackets = 0;
  int dots = 0;
  for (size_t at = 0; at < text.size();) {
    switch (text[at]) {
      case '"':
      case '\'':
        at = skip_string(text, at);
        continue;
      case '#':
        at = std::min(text.find('\n', at), text.size());
        continue;
      case '[':
      case '{':
        ++brackets;
        dots = 0;
        break;
      case ']':
      case '}':
        brackets = std::max(0, brackets - 1);
        dots = 0;
        break;
      case '.':
        ++dots;
        break;
      case '\n':
      case '=':
      case ',':
        dots = 0;
        break;
      default:
        break;
    }
    if (brackets > limit || dots > limit) return position_at(text, at);
    ++at;
  }
  return std::nullopt;
}

std::string too_deep_message() {
  return "nested deeper than " + std::to_string(kMaxDepth) + " levels";
}

TextPosition inside(std::string_view text, int line, int column) {
  size_t begin = 0;
  TextPosition position;
  while (position.line < line) {
    const size_t end = text.find('\n', begin);
    if (end == std::string_view::npos) break;
    begin = end + 1;
    ++position.line;
  }
  const size_t end = std::min(text.find('\n', begin), text.size());
  position.column = std::clamp(column, 1, characters(text.substr(begin, end - begin)) + 1);
  return position;
}

}  // namespace mixwright::config
