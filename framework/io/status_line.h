#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace mixwright::io {

/// A line on standard error that says how far something is: drawn over and over on a terminal, else
/// a line every few seconds without control characters, so that logs stay readable.
class StatusLine {
 public:
  enum class Mode { kTerminal, kLines, kSilent };

  /// What fits standard error; silent where asked.
  static Mode fitting_mode(bool silent);

  explicit StatusLine(Mode mode);
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;
  ~StatusLine();

  /// Whether a line would be shown now; building it may cost something.
  bool due() const;
  /// Shows a text, on a terminal as much of it as fits.
  void show(const std::string& text);
  /// Removes the drawn line, so that other text can be written.
  void clear();

 private:
  Mode mode_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point next_;
};

/// `[####......]`: how much of `total` is done.
std::string bar_text(double done, double total);

}  // namespace mixwright::io
