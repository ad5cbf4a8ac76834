#include <algorithm>
#include <string_view>

#include "framework/config/override.h"
#include "framework/config/toml_reader.h"

namespace mixwright::config {

namespace {

constexpr size_t kMaxLength = size_t{1} << 16;
constexpr size_t kMaxShown = 100;

bool is_bare(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

bool is_space(char c) {
  return c == ' ' || c == '\t';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// The override as errors and origins show it: one line, not endless, cut between characters.
std::string shown(const std::string& text) {
  std::string result = text.substr(0, kMaxShown);
  if (text.size() > kMaxShown) {
    while (!result.empty() && (static_cast<unsigned char>(text[result.size()]) & 0xC0) == 0x80) {
      result.pop_back();
    }
    result += "...";
  }
  for (char& c : result) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return result;
}

/// Recursive descent over `step(.step)*=value`, where a step is `key[index]…`.
class Parser {
 public:
  explicit Parser(const std::string& text) : text_(text) {
    result_.location.file = "--set " + shown(text);
  }

  Override parse() {
    if (text_.size() > kMaxLength) {
      refuse("longer than " + std::to_string(kMaxLength) + " bytes; write a config that extends");
    }
    skip_space();
    parse_key();
    while (at_ < text_.size() && text_[at_] != '=') {
      if (take('.')) {
        parse_key();
      } else if (take('[')) {
        parse_index();
      } else {
        skip_space();
        if (at_ < text_.size() && text_[at_] != '=') refuse_here("\".\", \"[\" or \"=\"");
      }
    }
    if (!take('=')) refuse("no \"=\"; write path=value, for example model.stage[0].dim=96");
    if (result_.path.size() > static_cast<size_t>(kMaxDepth)) {
      refuse("a path of more than " + std::to_string(kMaxDepth) + " steps");
    }
    parse_value(trimmed(std::string_view(text_).substr(at_)));
    return std::move(result_);
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw UsageError(result_.location.text() + ": " + why);
  }
  [[noreturn]] void refuse_here(const std::string& expected) const {
    refuse(expected + " expected at character " + std::to_string(at_ + 1));
  }

  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void parse_key() {
    const size_t begin = at_;
    if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
      const size_t end = text_.find(text_[at_], at_ + 1);
      if (end == std::string::npos) refuse_here("a closing " + std::string(1, text_[at_]));
      at_ = end + 1;
      result_.path.push_back({.key = quoted_key(text_.substr(begin, at_ - begin))});
      return;
    }
    while (at_ < text_.size() && is_bare(text_[at_])) ++at_;
    if (at_ == begin) refuse_here("a key");
    result_.path.push_back({.key = text_.substr(begin, at_ - begin)});
  }

  std::string quoted_key(const std::string& quoted) const {
    try {
      return parse_toml_value(quoted, {}).as_string();
    } catch (const UsageError& error) {
      refuse(error.what());
    }
  }

  void parse_index() {
    if (take('*')) {
      result_.path.push_back({.every = true});
      if (!take(']')) refuse_here("\"]\"");
      return;
    }
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    // Nine digits fit every number type, and no list is that long.
    if (at_ == begin || at_ - begin > 9) {
      at_ = begin;
      refuse_here("an index, a number that counts from 0, or * for all,");
    }
    result_.path.push_back({.index = std::stoul(text_.substr(begin, at_ - begin))});
    if (!take(']')) refuse_here("\"]\"");
  }

  void parse_value(std::string_view value) {
    if (value.empty()) refuse("no value behind \"=\"; an empty string is \"\"");
    std::string reason;
    try {
      result_.value = parse_toml_value(value, result_.location);
      return;
    } catch (const UsageError& error) {
      reason = error.what();
    }
    // What begins like TOML was meant as TOML; anything else is a word.
    const bool meant_as_toml = std::string_view("[{\"'").find(value.front()) != std::string::npos;
    if (meant_as_toml) refuse(reason);
    try {
      // A literal string, whose reader refuses control characters and broken UTF-8.
      result_.value = parse_toml_value("'" + std::string(value) + "'", result_.location);
    } catch (const UsageError&) {
      refuse(reason + "; as a string it needs quotes");
    }
  }

  const std::string& text_;
  size_t at_ = 0;
  Override result_;
};

}  // namespace

Override parse_override(const std::string& text) {
  return Parser(text).parse();
}

}  // namespace mixwright::config
