#include "framework/sweep/results_chart.h"

#include <algorithm>

#include <mixwright/error.h>

#include "framework/sweep/results_table.h"

namespace mixwright::sweep {

namespace {

using nlohmann::ordered_json;

bool fits(const ordered_json& line, const ConfigValue& where) {
  if (where.is_nothing()) return true;
  for (const ConfigValue::Entry& entry : where.as_table()) {
    const ConfigValue& wanted = entry.value;
    const bool same = wanted.is_number()   ? number_at(line, entry.key) == wanted.as_number()
                      : wanted.is_string() ? text_at(line, entry.key) == wanted.as_string()
                                           : false;
    if (!same) return false;
  }
  return true;
}

bool is_decisive(const std::string& key) {
  return key == "test" || key == "best" || key == "last";
}

/// Factor and unit of y.
NumberStyle y_style(const FigureOptions& options, const ordered_json& line) {
  const bool own = is_decisive(options.y) || options.y == "test_metrics." + text_at(line, "metric");
  NumberStyle style = own ? metric_style(line) : NumberStyle();
  if (options.y_scale != 0) style.scale = options.y_scale;
  return style;
}

std::string y_label(const FigureOptions& options, const ordered_json& line) {
  if (!options.y_label.empty()) return options.y_label;
  const NumberStyle style = y_style(options, line);
  const std::string metric = text_at(line, "metric");
  const std::string name = options.y == "best"   ? "best validation " + metric
                           : options.y == "last" ? "last validation " + metric
                           : options.y == "test" ? "test " + metric
                                                 : options.y;
  return style.unit.empty() ? name : name + " (" + style.unit + ")";
}

ChartSeries& series_called(Chart& chart, const std::string& name) {
  for (ChartSeries& series : chart.series) {
    if (series.name == name) return series;
  }
  return chart.series.emplace_back(ChartSeries{name, {}});
}

}  // namespace

ResultLines rows_of(const FigureOptions& options, const ResultLines& lines) {
  ResultLines kept;
  std::copy_if(lines.begin(), lines.end(), std::back_inserter(kept), [&](const auto& line) {
    return fits(line, options.where.value);
  });
  return kept;
}

Chart chart_of(const FigureOptions& options, const ResultLines& lines) {
  Chart chart;
  const std::vector<ResultGroup> groups = group_results(rows_of(options, lines));
  const std::vector<std::string> naming = naming_settings(groups);
  for (const ResultGroup& group : groups) {
    const NumberStyle style = y_style(options, group.first());
    ChartPoint point;
    for (const double value : group.numbers(options.y)) point.each.push_back(style.scale * value);
    if (point.each.empty()) continue;
    point.y = train::mean_interval(point.each);
    point.label = text_at(group.first(), options.x);
    if (point.label.empty() && options.x == "row") point.label = group_name(group, naming);
    if (const auto x = group.mean(options.x)) point.x = options.x_scale * x->mean;
    if (chart.y_label.empty()) chart.y_label = y_label(options, group.first());
    const auto known = std::find(chart.labels.begin(), chart.labels.end(), point.label);
    if (known == chart.labels.end()) chart.labels.push_back(point.label);
    const std::string name = options.series.empty() ? "" : text_at(group.first(), options.series);
    series_called(chart, name).points.push_back(std::move(point));
  }
  if (chart.series.empty()) {
    throw UsageError("figure \"" + options.name + "\": no row has a number for y = \"" + options.y +
                     "\"; see a line of the file of results for what there is");
  }
  for (ChartSeries& series : chart.series) {
    std::stable_sort(series.points.begin(),
                     series.points.end(),
                     [](const ChartPoint& a, const ChartPoint& b) { return a.x < b.x; });
  }
  chart.x_label = options.x_label.empty() ? options.x : options.x_label;
  return chart;
}

}  // namespace mixwright::sweep
