#include "framework/config/toml_guard.h"

#include <algorithm>
#include <utility>

#include "framework/config/toml_reader.h"
#include "framework/io/text.h"

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

bool begins_key(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '"' || c == '\'';
}

/// Walks over a text as far as brackets, dots, strings and comments go.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::optional<Objection> scan() {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        at_ = skip_string(text_, at_);
        line_begins_ = false;
      } else if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else {
        if (auto objection = look_at(c)) return objection;
        ++at_;
      }
    }
    return std::nullopt;
  }

 private:
  std::optional<Objection> look_at(char c) {
    if (static_cast<unsigned char>(c) >= 0x80) {
      return object("no valid TOML: a character beyond ASCII outside of quotes");
    }
    if (c == '[' && brackets_ == 0 && line_begins_ && !is_header()) {
      return object("no valid TOML: a table header without a key");
    }
    count(c);
    if (brackets_ > kMaxDepth || dots_ > kMaxDepth) return object(too_deep_message());
    if (c == '\n') {
      line_begins_ = true;
    } else if (c != ' ' && c != '\t') {
      line_begins_ = false;
    }
    return std::nullopt;
  }

  void count(char c) {
    if (c == '.') {
      ++dots_;
      return;
    }
    if (c == '[' || c == '{') ++brackets_;
    if (c == ']' || c == '}') brackets_ = std::max(0, brackets_ - 1);
    if (std::string_view("[]{}=,\n").find(c) != std::string_view::npos) dots_ = 0;
  }

  /// Whether a key, or the bracket that closes an empty header, follows the bracket here.
  bool is_header() const {
    size_t next = at_ + 1;
    if (next < text_.size() && text_[next] == '[') ++next;
    next = std::min(text_.find_first_not_of(" \t", next), text_.size());
    return next < text_.size() && (begins_key(text_[next]) || text_[next] == ']');
  }

  Objection object(const std::string& message) const { return {position_at(text_, at_), message}; }

  std::string_view text_;
  size_t at_ = 0;
  int brackets_ = 0;
  int dots_ = 0;
  bool line_begins_ = true;
};

}  // namespace

std::optional<Objection> objection_to(std::string_view text) {
  std::optional<Objection> objection = Scanner(text).scan();
  const size_t broken = io::find_invalid_utf8(text);
  if (broken == std::string_view::npos) return objection;
  const Objection encoding{position_at(text, broken), "no valid TOML: a byte that is not UTF-8"};
  const auto place = [](const Objection& each) {
    return std::pair(each.position.line, each.position.column);
  };
  return objection && place(*objection) < place(encoding) ? objection : encoding;
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
