#include "framework/io/status_line.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace mixwright::io {

namespace {

constexpr auto kTerminalInterval = std::chrono::milliseconds(100);
constexpr auto kLineInterval = std::chrono::seconds(5);
constexpr int kBarWidth = 20;
constexpr std::string_view kClearLine = "\r\x1b[K";

size_t terminal_width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

void write_error_stream(const std::string& text) {
  // A line that cannot be shown is no reason to stop the work that it tells of.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

StatusLine::Mode StatusLine::fitting_mode(bool silent) {
  if (silent) return Mode::kSilent;
  const char* terminal = std::getenv("TERM");
  const bool can_redraw = terminal != nullptr && std::string_view(terminal) != "dumb";
  return isatty(STDERR_FILENO) == 1 && can_redraw ? Mode::kTerminal : Mode::kLines;
}

StatusLine::StatusLine(Mode mode) : mode_(mode) {
  next_ = std::chrono::steady_clock::now();
  if (mode_ == Mode::kLines) next_ += kLineInterval;
}

StatusLine::~StatusLine() {
  clear();
}

bool StatusLine::due() const {
  return mode_ != Mode::kSilent && std::chrono::steady_clock::now() >= next_;
}

void StatusLine::show(const std::string& text) {
  if (mode_ == Mode::kSilent) return;
  const bool redraw = mode_ == Mode::kTerminal;
  write_error_stream(redraw ? std::string(kClearLine) + text.substr(0, terminal_width() - 1)
                            : text + "\n");
  drawn_ = redraw;
  next_ = std::chrono::steady_clock::now();
  if (redraw) {
    next_ += kTerminalInterval;
  } else {
    next_ += kLineInterval;
  }
}

void StatusLine::clear() {
  if (drawn_) write_error_stream(std::string(kClearLine));
  drawn_ = false;
}

std::string bar_text(double done, double total) {
  const double places = total > 0 ? done * kBarWidth / total : 0;
  const auto filled = static_cast<size_t>(std::clamp<double>(places, 0, kBarWidth));
  return "[" + std::string(filled, '#') + std::string(kBarWidth - filled, '.') + "]";
}

}  // namespace mixwright::io
