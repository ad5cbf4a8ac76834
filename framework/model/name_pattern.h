#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mixwright::model {

/// What the braces of a pattern matched: `i` -> `3`.
using Bindings = std::map<std::string, std::string>;

/// A tensor name with holes: `stages.{i}.{j}.norm.{p:weight|bias}`.
/// `{i}` matches a whole number, `{p:a|b}` one of the words, `{rest:*}` any text, dots included.
/// The same name in two places must match the same text. `{i+1}` matches a number and binds the one
/// that it is filled from.
class NamePattern {
 public:
  explicit NamePattern(const std::string& text);  // throws UsageError on unbalanced braces
  std::optional<Bindings> match(const std::string& name) const;
  /// Fills the holes in: `{i}`, or with arithmetic `{i+1}`, `{i-1}`, `{i*2}`.
  std::string fill(const Bindings& bindings) const;
  const std::string& text() const { return text_; }
  std::set<std::string> holes() const;
  /// Holes match what those of the same name do in `others`: for a pattern that was filled and is
  /// to be matched now.
  void take_kinds(const std::vector<NamePattern>& others);

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
  static std::optional<std::string> bound_value(const Piece& piece, const std::string& matched);

  std::string text_;
  std::vector<Piece> pieces_;
};

}  // namespace mixwright::model
