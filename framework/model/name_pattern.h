#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mixwright::model {

/// What the braces of a pattern matched: `i` -> `3`.
using Bindings = std::map<std::string, std::string>;

/// A tensor name with holes: `stages.{i}.{j}.norm.{p:weight|bias}`.
/// `{i}` matches a whole number, `{p:a|b}` one of the words, `{rest:*}` any text, dots included.
/// The same name in two places must match the same text.
class NamePattern {
 public:
  explicit NamePattern(const std::string& text);  // throws UsageError on unbalanced braces
  std::optional<Bindings> match(const std::string& name) const;
  /// Fills the holes in: `{i}`, or with arithmetic `{i+1}`, `{i-1}`, `{i*2}`.
  std::string fill(const Bindings& bindings) const;
  const std::string& text() const { return text_; }

 private:
  struct Piece {
    std::string literal;  // text in front of the hole
    std::string name;     // empty: no hole behind the literal
    std::vector<std::string> words;
    bool any = false;
    char operation = 0;
    long long operand = 0;
  };
  bool match_from(const std::string& name, size_t position, size_t piece, Bindings& bindings) const;
  std::vector<std::string> candidates(const Piece& piece, const std::string& rest) const;

  std::string text_;
  std::vector<Piece> pieces_;
};

}  // namespace mixwright::model
