#include "framework/dev/build_messages.h"

#include <algorithm>

namespace mixwright::dev {

namespace {

constexpr size_t kLastLines = 8;
constexpr size_t kMostLines = 200;

/// Colours and other sequences of a terminal taken out.
std::string plain(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b' && i + 1 < text.size() && text[i + 1] == '[') {
      i += 2;
      while (i < text.size() && (text[i] < '@' || text[i] > '~')) ++i;
    } else if (text[i] != '\r') {
      result += text[i];
    }
  }
  return result;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    if (end > begin) lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

bool holds(const std::string& line, std::string_view words) {
  return line.find(words) != std::string::npos;
}

/// `12 |   return x +;` and `   |          ^`, which the compiler prints below an error.
bool is_excerpt(const std::string& line) {
  const size_t bar = line.find('|');
  return bar != std::string::npos && line.find_first_not_of(" 0123456789") == bar;
}

bool is_compiler_error(const std::string& line) {
  return holds(line, ": error: ") || holds(line, ": fatal error: ");
}

bool is_other_error(const std::string& line) {
  return line.starts_with("CMake Error") || line.starts_with("ninja: error") ||
         holds(line, "undefined reference to") || holds(line, "multiple definition of");
}

/// What says no more than that something else failed.
bool is_echo(const std::string& line) {
  return holds(line, "linker command failed");
}

}  // namespace

std::vector<std::string> build_errors(std::string_view output,
                                      const std::filesystem::path& folder) {
  const std::vector<std::string> lines = lines_of(plain(output));
  const std::string prefix = folder.string() + "/";
  std::vector<std::string> found;
  // Which lines still belong to an error: the excerpts of a compiler's, the text of CMake's.
  bool in_error = false;
  bool in_text = false;
  for (std::string line : lines) {
    const bool is_error = (is_compiler_error(line) || is_other_error(line)) && !is_echo(line);
    const bool belongs = (in_error && is_excerpt(line)) || (in_text && line.starts_with("  ")) ||
                         (in_error && line.starts_with(">>> "));
    if (is_error) {
      in_error = true;
      in_text = line.starts_with("CMake Error");
    } else if (!belongs) {
      in_error = in_text = false;
      continue;
    }
    if (line.starts_with(prefix)) line.erase(0, prefix.size());
    if (is_error && std::find(found.begin(), found.end(), line) != found.end()) {
      in_error = in_text = false;  // said already, for another target
      continue;
    }
    found.push_back(std::move(line));
    if (found.size() == kMostLines) break;
  }
  if (!found.empty()) return found;
  const size_t begin = lines.size() > kLastLines ? lines.size() - kLastLines : 0;
  return {lines.begin() + static_cast<std::ptrdiff_t>(begin), lines.end()};
}

}  // namespace mixwright::dev
