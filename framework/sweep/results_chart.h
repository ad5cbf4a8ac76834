#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/sweep/figure_options.h"
#include "framework/sweep/results_groups.h"
#include "framework/train/statistics.h"

namespace mixwright::sweep {

/// A group in a chart: its mean over seeds with the interval, scaled as the figure says.
struct ChartPoint {
  std::string label;        ///< what x says, as a text
  std::optional<double> x;  ///< nothing: a level line
  train::MeanInterval y;
  std::vector<double> each;  ///< of the seeds
};

struct ChartSeries {
  std::string name;
  std::vector<ChartPoint> points;  ///< in the order of x where it has numbers
};

/// What a figure of points or bars shows.
struct Chart {
  std::vector<ChartSeries> series;
  std::vector<std::string> labels;  ///< all texts of x, in the order of the rows
  std::string x_label;
  std::string y_label;
  double y_scale = 1;
};

/// The rows that a figure shows: those that `where` fits.
ResultLines rows_of(const FigureOptions& options, const ResultLines& lines);

/// Throws: UsageError where no row has a number for y.
Chart chart_of(const FigureOptions& options, const ResultLines& lines);

}  // namespace mixwright::sweep
