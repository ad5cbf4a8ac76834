#include "framework/dev/screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string_view>
#include <utility>

namespace mixwright::dev {

namespace {

constexpr const char* kClear = "\x1b[H\x1b[2J\x1b[3J";
constexpr const char* kMore = "…";

bool can_redraw() {
  const char* terminal = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && terminal != nullptr &&
         std::string_view(terminal) != "dumb";
}

Screen::Size terminal_size() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return {80, 24};
  return {size.ws_col, size.ws_row};
}

bool is_inside_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

/// At most so many characters of a line; a line that is longer ends in an ellipsis.
std::string cut(const std::string& line, size_t columns) {
  size_t width = 0;
  size_t end = 0;  // of what fits before the ellipsis
  for (size_t i = 0; i < line.size(); ++i) {
    if (is_inside_character(line[i])) continue;
    if (++width > columns) return line.substr(0, end) + kMore;
    if (width == columns) end = i;
  }
  return line;
}

}  // namespace

Screen::Screen(std::string title) : title_(std::move(title)), is_terminal_(can_redraw()) {}

void Screen::show_state(const std::string& state) {
  if (is_terminal_) draw(state);
}

void Screen::show_round(std::vector<std::string> lines) {
  lines_ = std::move(lines);
  if (is_terminal_) return draw("");
  std::cout << title_ << "\n";
  for (const std::string& line : lines_) std::cout << line << "\n";
  std::cout << "\n" << std::flush;
}

void Screen::draw(const std::string& state) const {
  std::vector<std::string> lines = {state.empty() ? title_ : title_ + ": " + state, ""};
  lines.insert(lines.end(), lines_.begin(), lines_.end());
  std::string text = kClear;
  for (const std::string& line : fitted(lines, terminal_size())) text += line + "\n";
  std::cout << text << std::flush;
}

std::vector<std::string> Screen::fitted(const std::vector<std::string>& lines, Size size) {
  std::vector<std::string> result;
  // The last row stays free for the cursor.
  const size_t rows = std::max<size_t>(size.rows, 2) - 1;
  const bool is_too_much = lines.size() > rows;
  const size_t shown = is_too_much ? rows - 1 : lines.size();
  for (size_t i = 0; i < shown; ++i) result.push_back(cut(lines[i], size.columns));
  if (is_too_much) {
    result.push_back(
        cut("… " + std::to_string(lines.size() - shown) + " more lines", size.columns));
  }
  return result;
}

}  // namespace mixwright::dev
