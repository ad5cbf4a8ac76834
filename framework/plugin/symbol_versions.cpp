#include "framework/plugin/symbol_versions.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace mixwright::plugin {

namespace {

/// The numbers of `2.34`; empty for anything else, such as GLIBC_PRIVATE's.
std::vector<int> numbers_of(std::string_view text) {
  std::vector<int> numbers;
  while (true) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || number < 0) return {};
    numbers.push_back(number);
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    if (text.empty()) return numbers;
    if (text.front() != '.') return {};
    text.remove_prefix(1);
  }
}

/// The newest version behind `prefix`, since a binary needs all of them.
std::string newest(const std::vector<std::string>& versions, std::string_view prefix) {
  std::string_view chosen;
  std::vector<int> highest;
  for (const std::string_view version : versions) {
    if (!version.starts_with(prefix)) continue;
    const std::string_view tail = version.substr(prefix.size());
    const std::vector<int> numbers = numbers_of(tail);
    if (!std::lexicographical_compare(
            highest.begin(), highest.end(), numbers.begin(), numbers.end())) {
      continue;
    }
    highest = numbers;
    chosen = tail;
  }
  return std::string(chosen);
}

std::string behind(std::string_view prefix, const std::string& number) {
  return number.empty() ? "" : std::string(prefix) + number;
}

}  // namespace

OldestRuntimes oldest_runtimes(const std::vector<std::string>& versions) {
  return {newest(versions, "GLIBC_"),
          behind("GLIBCXX_", newest(versions, "GLIBCXX_")),
          behind("CXXABI_", newest(versions, "CXXABI_"))};
}

}  // namespace mixwright::plugin
