#include "framework/model/name_pattern.h"

#include <algorithm>
#include <cctype>

#include <mixwright/error.h>

namespace mixwright::model {

namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  size_t begin = 0;
  for (size_t end; (end = text.find(separator, begin)) != std::string::npos; begin = end + 1) {
    parts.push_back(text.substr(begin, end - begin));
  }
  parts.push_back(text.substr(begin));
  return parts;
}

bool is_number(const std::string& text) {
  return !text.empty() && text.size() <= 9 &&
         std::all_of(
             text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

}  // namespace

NamePattern::NamePattern(const std::string& text) : text_(text) {
  size_t position = 0;
  while (true) {
    Piece piece;
    const size_t open = text.find('{', position);
    piece.literal = text.substr(position, open - position);
    if (piece.literal.find('}') != std::string::npos) {
      throw UsageError("pattern \"" + text + "\": a } without its {");
    }
    if (open == std::string::npos) {
      pieces_.push_back(piece);
      return;
    }
    const size_t close = text.find('}', open);
    if (close == std::string::npos) throw UsageError("pattern \"" + text + "\": a { without its }");
    std::string hole = text.substr(open + 1, close - open - 1);
    if (const size_t colon = hole.find(':'); colon != std::string::npos) {
      const std::string words = hole.substr(colon + 1);
      piece.any = words == "*";
      if (!piece.any) piece.words = split(words, '|');
      hole.erase(colon);
    } else if (const size_t sign = hole.find_first_of("+-*"); sign != std::string::npos) {
      const std::string operand = hole.substr(sign + 1);
      if (!is_number(operand)) {
        throw UsageError("pattern \"" + text + "\": {" + hole + "} needs a number behind its sign");
      }
      piece.operation = hole[sign];
      piece.operand = std::stoll(operand);
      hole.erase(sign);
    }
    if (hole.empty()) throw UsageError("pattern \"" + text + "\": an empty {}");
    piece.name = hole;
    pieces_.push_back(piece);
    position = close + 1;
  }
}

std::optional<Bindings> NamePattern::match(const std::string& name) const {
  Bindings bindings;
  if (match_from(name, 0, 0, bindings)) return bindings;
  return std::nullopt;
}

std::vector<std::string> NamePattern::candidates(const Piece& piece,
                                                 const std::string& rest) const {
  if (!piece.words.empty()) {
    std::vector<std::string> fitting;
    for (const std::string& word : piece.words) {
      if (rest.starts_with(word)) fitting.push_back(word);
    }
    return fitting;
  }
  if (piece.any) {  // longest first
    std::vector<std::string> all;
    for (size_t length = rest.size() + 1; length-- > 0;) all.push_back(rest.substr(0, length));
    return all;
  }
  size_t digits = 0;
  while (digits < rest.size() && std::isdigit(static_cast<unsigned char>(rest[digits])) != 0) {
    ++digits;
  }
  if (digits == 0 || digits > 9) return {};
  return {rest.substr(0, digits)};
}

/// What the hole's name stands for where `matched` stands in its place: the inverse of fill.
std::optional<std::string> NamePattern::bound_value(const Piece& piece,
                                                    const std::string& matched) {
  if (piece.operation == 0) return matched;
  if (!is_number(matched)) return std::nullopt;
  const long long filled = std::stoll(matched);
  if (piece.operation == '-') return std::to_string(filled + piece.operand);
  if (piece.operation == '+') {
    if (filled < piece.operand) return std::nullopt;
    return std::to_string(filled - piece.operand);
  }
  if (piece.operand == 0 || filled % piece.operand != 0) return std::nullopt;
  return std::to_string(filled / piece.operand);
}

std::set<std::string> NamePattern::holes() const {
  std::set<std::string> result;
  for (const Piece& piece : pieces_) {
    if (!piece.name.empty()) result.insert(piece.name);
  }
  return result;
}

void NamePattern::take_kinds(const std::vector<NamePattern>& others) {
  for (Piece& piece : pieces_) {
    for (const NamePattern& other : others) {
      for (const Piece& like : other.pieces_) {
        if (piece.name.empty() || like.name != piece.name) continue;
        piece.any = piece.any || like.any;
        if (piece.words.empty()) piece.words = like.words;
      }
    }
  }
}

bool NamePattern::match_from(const std::string& name,
                             size_t position,
                             size_t index,
                             Bindings& bindings) const {
  const Piece& piece = pieces_[index];
  if (name.compare(position, piece.literal.size(), piece.literal) != 0) return false;
  position += piece.literal.size();
  if (piece.name.empty()) return position == name.size();
  for (const std::string& matched : candidates(piece, name.substr(position))) {
    const std::optional<std::string> value = bound_value(piece, matched);
    const auto bound = bindings.find(piece.name);
    if (!value || (bound != bindings.end() && bound->second != *value)) continue;
    Bindings attempt = bindings;
    attempt[piece.name] = *value;
    if (match_from(name, position + matched.size(), index + 1, attempt)) {
      bindings = std::move(attempt);
      return true;
    }
  }
  return false;
}

std::string NamePattern::fill(const Bindings& bindings) const {
  std::string result;
  for (const Piece& piece : pieces_) {
    result += piece.literal;
    if (piece.name.empty()) continue;
    const auto bound = bindings.find(piece.name);
    if (bound == bindings.end()) {
      throw UsageError("pattern \"" + text_ + "\": {" + piece.name +
                       "} does not stand in the rule's \"from\"");
    }
    if (piece.operation == 0) {
      result += bound->second;
      continue;
    }
    if (!is_number(bound->second)) {
      throw UsageError("pattern \"" + text_ + "\": {" + piece.name + "} is \"" + bound->second +
                       "\", arithmetic needs a number");
    }
    const long long value = std::stoll(bound->second);
    const long long filled = piece.operation == '+'   ? value + piece.operand
                             : piece.operation == '-' ? value - piece.operand
                                                      : value * piece.operand;
    if (filled < 0) {
      throw UsageError("pattern \"" + text_ + "\": index " + std::to_string(filled) +
                       " is below zero");
    }
    result += std::to_string(filled);
  }
  return result;
}

}  // namespace mixwright::model
