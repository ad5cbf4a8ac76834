#include <algorithm>
#include <numeric>
#include <tuple>

#include <mixwright/error.h>

namespace mixwright {

std::string SourceLocation::text() const {
  std::string result = file;
  if (line > 0) result += ":" + std::to_string(line);
  if (line > 0 && column > 0) result += ":" + std::to_string(column);
  return result;
}

Error::Error(const std::string& message) : std::runtime_error(message) {}
Error::~Error() = default;
UsageError::UsageError(const std::string& message) : Error(message) {}
UsageError::~UsageError() = default;
BuildError::BuildError(const std::string& message) : UsageError(message) {}
BuildError::~BuildError() = default;
ForwardError::ForwardError(const std::string& message) : Error(message) {}
ForwardError::~ForwardError() = default;

std::string Diagnostics::Entry::text() const {
  const std::string place = location.text();
  return place.empty() ? message : place + ": " + message;
}

void Diagnostics::error(const SourceLocation& location, const std::string& message) {
  errors_.push_back({location, message});
}

void Diagnostics::warning(const SourceLocation& location, const std::string& message) {
  warnings_.push_back({location, message});
}

void Diagnostics::throw_if_errors() const {
  if (!errors_.empty()) throw UsageError(text());
}

std::string Diagnostics::text() const {
  std::vector<Entry> sorted = errors_;
  const auto place = [](const Entry& e) {
    return std::tie(e.location.file, e.location.line, e.location.column);
  };
  std::stable_sort(sorted.begin(), sorted.end(), [&](const Entry& a, const Entry& b) {
    return place(a) < place(b);
  });
  std::vector<std::string> lines;
  for (const Entry& entry : sorted) {
    // A table that two components read would otherwise say everything twice.
    const std::string line = entry.text();
    if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(line);
  }
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

std::string first_line(std::string_view text) {
  std::string line(text.substr(0, text.find('\n')));
  // LibTorch appends where in its own source the exception was raised.
  if (const size_t cut = line.find("Exception raised from "); cut != std::string::npos) {
    line.erase(cut);
  }
  while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.pop_back();
  return line;
}

namespace {

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1);
  std::vector<size_t> above(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  std::iota(above.begin(), above.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before = above;
    above = row;
  }
  return above[b.size()];
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  size_t best_distance = std::max<size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    size_t distance = edit_distance(word, candidate);
    // "heads" for "num_heads": one name inside the other is near, too.
    if (word.size() >= 4 && candidate.find(word) != std::string::npos) {
      distance = std::min<size_t>(distance, 2);
    }
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string best = nearest(word, candidates);
  return best.empty() ? "" : "; did you mean \"" + best + "\"?";
}

}  // namespace mixwright
