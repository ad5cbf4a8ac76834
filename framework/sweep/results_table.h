#pragma once

#include <string>
#include <vector>

#include <mixwright/task.h>

#include "framework/sweep/results_groups.h"

namespace mixwright::sweep {

/// How a number of a file of results is shown.
struct NumberStyle {
  double scale = 1;
  std::string unit;  ///< `%`, or empty
  int digits = 4;    ///< behind the point
};

/// The decisive metric's own style: per cent where the task says so.
NumberStyle metric_style(const nlohmann::ordered_json& line);

/// A table of groups: settings, how many seeds, the decisive metric on test data and at its best
/// validation (mean and 95 % confidence interval by Student's t distribution), parameters,
/// multiply-accumulates, seconds of training. With `against`, a group's name or a row's, also the
/// test metric of each less that one's, with train::difference_of_means' interval. No groups give
/// no columns. Throws: UsageError where nothing is called `against`.
Table results_table(const ResultLines& lines, const std::string& against = "");

}  // namespace mixwright::sweep
