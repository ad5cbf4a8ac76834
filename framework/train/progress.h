#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <mixwright/task.h>

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

/// Shows how far a training is, on standard error: one line drawn over and over on a terminal, else
/// a line every few seconds without control characters, so that logs stay readable.
class Progress {
 public:
  enum class Mode { kTerminal, kLines, kSilent };

  /// What fits standard error; silent where asked.
  static Mode fitting_mode(bool silent);

  explicit Progress(Mode mode);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  /// Whether a line would be shown now; building the facts may cost something.
  bool due() const;
  void show(const ProgressFacts& facts);
  /// Removes the drawn line, so that other text can be written.
  void clear();

 private:
  Mode mode_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point next_;
};

/// The line without control characters, cut to `width` places; 0: as long as it is.
std::string progress_text(const ProgressFacts& facts, size_t width);

}  // namespace mixwright::train
