#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace mixwright::train {

/// Points of one curve: epoch and value.
using Points = std::vector<std::pair<double, double>>;

/// What metrics.jsonl of a run says over its epochs.
struct RunCurves {
  std::string name;
  std::string metric;  ///< the decisive one, `accuracy`
  bool percent = false;
  bool higher_is_better = true;
  Points train_loss, validation_loss;
  Points train_metric, validation_metric;
  Points learning_rate;
  Points throughput;  ///< samples per second
};

/// Throws: UsageError where the folder is no run's or holds no line yet.
RunCurves read_curves(const std::filesystem::path& run);

/// Draws `<stem>.png` and `<stem>.svg` into the folder, one run or several over one another, and
/// returns their paths.
/// Throws: mixwright::Error; see draw_figure.
std::vector<std::filesystem::path> draw_curves(const std::vector<RunCurves>& runs,
                                               const std::filesystem::path& folder,
                                               const std::string& stem);

/// What gnuplot is told.
std::string curves_script(const std::vector<RunCurves>& runs);

}  // namespace mixwright::train
