#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <mixwright/task.h>

#include "framework/io/status_line.h"

namespace mixwright::train {

/// What a progress line tells.
struct ProgressFacts {
  std::string phase;  ///< `epoch 2/4`, `validation`
  int64_t step = 0;
  int64_t steps = 0;
  std::vector<Metric> metrics;
  double learning_rate = 0;  ///< 0: not told
  double samples_per_second = 0;
  double seconds_left = -1;  ///< below 0: not known
};

/// Shows how far a training is, on standard error.
class Progress {
 public:
  using Mode = io::StatusLine::Mode;

  /// What fits standard error; silent where asked.
  static Mode fitting_mode(bool silent) { return io::StatusLine::fitting_mode(silent); }

  explicit Progress(Mode mode) : line_(mode) {}

  /// Whether a line would be shown now; building the facts may cost something.
  bool due() const { return line_.due(); }
  void show(const ProgressFacts& facts);
  /// Removes the drawn line, so that other text can be written.
  void clear() { line_.clear(); }

 private:
  io::StatusLine line_;
};

/// The line without control characters, cut to `width` places; 0: as long as it is.
std::string progress_text(const ProgressFacts& facts, size_t width);

}  // namespace mixwright::train
