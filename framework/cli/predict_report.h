#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <mixwright/task.h>

#include "framework/cli/globals.h"
#include "framework/cli/picture_inputs.h"
#include "framework/train/trained_run.h"

namespace mixwright::cli {

/// Says on standard output what a network answers: a line for each picture as soon as it is known,
/// or one JSON object at the end. What gave no picture is named on standard error at once and makes
/// the exit code 1.
class PredictReport {
 public:
  PredictReport(std::string run_folder, const train::TrainedRun& run, Globals& globals);

  /// A picture with its answers, the most probable first.
  struct Row {
    std::string file;
    std::vector<Prediction> answers;
  };
  /// The rows of one batch; their columns stand below each other.
  void add(const std::vector<Row>& rows);
  void refuse(const RefusedInput& input);
  /// What remains to be said; `sheet`: the file that was drawn, "" for none.
  void end(const std::string& sheet, int64_t on_sheet);

 private:
  std::string run_folder_;
  const train::TrainedRun& run_;
  Globals& globals_;
  int64_t answered_ = 0;
  int64_t refused_ = 0;
  size_t file_width_ = 0;
  std::vector<size_t> label_widths_;
  nlohmann::ordered_json pictures_ = nlohmann::ordered_json::array();
  nlohmann::ordered_json failed_ = nlohmann::ordered_json::array();
};

}  // namespace mixwright::cli
