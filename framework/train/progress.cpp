#include "framework/train/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include <spdlog/fmt/fmt.h>

#include "framework/train/text_table.h"

namespace mixwright::train {

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
  // A progress line that cannot be shown is no reason to stop a training.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

std::string bar(const ProgressFacts& facts) {
  const auto done = static_cast<int>(facts.step * kBarWidth / std::max<int64_t>(1, facts.steps));
  const int filled = std::clamp(done, 0, kBarWidth);
  return "[" + std::string(static_cast<size_t>(filled), '#') +
         std::string(static_cast<size_t>(kBarWidth - filled), '.') + "]";
}

}  // namespace

Progress::Mode Progress::fitting_mode(bool silent) {
  if (silent) return Mode::kSilent;
  const char* terminal = std::getenv("TERM");
  const bool can_redraw = terminal != nullptr && std::string_view(terminal) != "dumb";
  return isatty(STDERR_FILENO) == 1 && can_redraw ? Mode::kTerminal : Mode::kLines;
}

Progress::Progress(Mode mode) : mode_(mode) {
  next_ = std::chrono::steady_clock::now();
  if (mode_ == Mode::kLines) next_ += kLineInterval;
}

Progress::~Progress() {
  clear();
}

bool Progress::due() const {
  return mode_ != Mode::kSilent && std::chrono::steady_clock::now() >= next_;
}

void Progress::show(const ProgressFacts& facts) {
  if (mode_ == Mode::kSilent) return;
  const bool redraw = mode_ == Mode::kTerminal;
  const std::string text = progress_text(facts, redraw ? terminal_width() - 1 : 0);
  write_error_stream(redraw ? std::string(kClearLine) + text : text + "\n");
  drawn_ = redraw;
  next_ = std::chrono::steady_clock::now();
  if (redraw) {
    next_ += kTerminalInterval;
  } else {
    next_ += kLineInterval;
  }
}

void Progress::clear() {
  if (drawn_) write_error_stream(std::string(kClearLine));
  drawn_ = false;
}

std::string progress_text(const ProgressFacts& facts, size_t width) {
  std::string text =
      facts.phase + " " + bar(facts) + fmt::format(" {}/{}", facts.step, facts.steps);
  if (facts.seconds_left >= 0) text += "  ETA " + duration_text(facts.seconds_left);
  for (const Metric& metric : facts.metrics) text += "  " + metric.name + " " + metric_text(metric);
  if (facts.samples_per_second > 0)
    text += "  " + count_text(facts.samples_per_second) + " samples/s";
  if (facts.learning_rate > 0) text += fmt::format("  lr {:.2e}", facts.learning_rate);
  if (width != 0 && text.size() > width) text.resize(width);
  return text;
}

}  // namespace mixwright::train
