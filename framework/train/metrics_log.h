#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <mixwright/task.h>

#include "framework/io/event_file.h"
#include "framework/io/file_descriptor.h"

namespace mixwright::train {

/// metrics.jsonl: one JSON object per line, appended as the training goes. Every line has "kind"
/// ("train", "validation"), "step" and "epoch". A value that is not finite is the string "nan",
/// "inf" or "-inf", which JSON has no number for.
///
/// The same values go into an event file beside it, for TensorBoard; see io::EventFile. A training
/// does not end for want of that one: where it cannot be written, a warning says so once.
class MetricsLog {
 public:
  /// Opens the file for appending; lines of later steps than `step`, which a resumed training
  /// writes again, and a line that was cut off are dropped first.
  MetricsLog(const std::filesystem::path& path, int64_t step);
  void append(const nlohmann::ordered_json& line);

  /// The whole lines of a file. Throws: mixwright::Error where it cannot be read.
  static std::vector<nlohmann::ordered_json> read(const std::filesystem::path& path);
  /// A number as JSON, or its name where it is not finite.
  static nlohmann::ordered_json number(double value);

 private:
  void append_events(const nlohmann::ordered_json& line);

  std::filesystem::path path_;
  io::FileDescriptor file_;
  int64_t first_step_;  // of this session
  bool has_events_ = true;
  std::optional<io::EventFile> events_;  // begun by the first measurement
};

}  // namespace mixwright::train
