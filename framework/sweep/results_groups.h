#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "framework/sweep/results_file.h"
#include "framework/train/statistics.h"

namespace mixwright::sweep {

/// What a line says under a key: one of its settings, else an entry of the line, with dots into
/// tables (`test_metrics.accuracy`). Null where it says nothing.
const nlohmann::ordered_json* find_value(const nlohmann::ordered_json& line,
                                         const std::string& key);
/// The same as a text, as figures and tables show it; empty for nothing.
std::string text_at(const nlohmann::ordered_json& line, const std::string& key);
/// The same as a number, also where a text is one (`0.001`); nothing for other texts and for values
/// that are not finite.
std::optional<double> number_at(const nlohmann::ordered_json& line, const std::string& key);

/// Rows of one sweep that differ in the seed alone.
struct ResultGroup {
  ResultLines lines;  ///< never empty

  const nlohmann::ordered_json& first() const { return lines.front(); }
  /// The numbers under a key, of those that have one.
  std::vector<double> numbers(const std::string& key) const;
  /// Their mean with its confidence interval over seeds.
  std::optional<train::MeanInterval> mean(const std::string& key) const;
};

/// In the order in which the first of each stands.
std::vector<ResultGroup> group_results(const ResultLines& lines);

/// The settings that name groups in tables: what the rows say of themselves (`values`) and the
/// grid, and the rows' own names only where these do not tell all groups apart.
std::vector<std::string> naming_settings(const std::vector<ResultGroup>& groups);

/// A group by its naming settings, `AsymMixer, 0.001`.
std::string group_name(const ResultGroup& group, const std::vector<std::string>& naming);

}  // namespace mixwright::sweep
