// Numbers that parts reported: layers upwards, steps to the right, colour.

#include <algorithm>
#include <cmath>
#include <limits>

#include <spdlog/fmt/fmt.h>

#include <mixwright/error.h>

#include "framework/sweep/results_chart.h"
#include "framework/sweep/results_figure.h"
#include "framework/train/gnuplot.h"

namespace mixwright::sweep {

namespace {

/// One number of some parts over the steps, the mean over seeds.
struct Panel {
  std::string title;
  std::vector<double> steps;
  std::vector<std::vector<double>> rows;  // [part][step]
};

bool ends_with(const std::string& path, const std::string& end) {
  return end.empty() || path == end || path.ends_with("." + end);
}

/// Adds a line's curves to the panel; one that was measured at other steps is left out.
bool add(Panel& panel,
         const nlohmann::ordered_json& line,
         const std::string& key,
         const std::string& end) {
  const nlohmann::ordered_json* curves = find_value(line, "curves." + key);
  if (curves == nullptr || !curves->contains("step") || !curves->contains("parts")) return false;
  const auto steps = curves->at("step").get<std::vector<double>>();
  if (!panel.steps.empty() && steps != panel.steps) return false;
  size_t part = 0;
  for (const auto& [path, values] : curves->at("parts").items()) {
    if (!ends_with(path, end)) continue;
    if (panel.rows.size() <= part) panel.rows.emplace_back(steps.size(), 0.0);
    for (size_t i = 0; i < steps.size(); ++i) {
      const nlohmann::ordered_json& value = values.at(i);
      panel.rows[part][i] +=
          value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
    }
    ++part;
  }
  panel.steps = steps;
  return part > 0;
}

std::vector<Panel> panels_of(const FigureOptions& options, const ResultLines& lines) {
  const std::vector<ResultGroup> groups = group_results(rows_of(options, lines));
  const std::vector<std::string> naming = naming_settings(groups);
  const std::vector<std::string> ends =
      options.parts.empty() ? std::vector<std::string>{""} : options.parts;
  std::vector<Panel> panels;
  for (const ResultGroup& group : groups) {
    for (const std::string& end : ends) {
      Panel panel;
      int count = 0;
      for (const auto& line : group.lines) count += add(panel, line, options.y, end) ? 1 : 0;
      if (count == 0) continue;
      for (auto& row : panel.rows) {
        for (double& value : row) value /= count;
      }
      panel.title = group_name(group, naming) + (end.empty() ? "" : ", " + end);
      std::replace(panel.title.begin(), panel.title.end(), '_', ' ');
      panels.push_back(std::move(panel));
    }
  }
  return panels;
}

/// Boxes: x, y, left, right, lower, upper, value. A measurement stands for the steps since the
/// last. A box reaches a little under the next one's, for what lies behind would shine through the
/// seam.
std::string boxes_of(const Panel& panel, double scale) {
  std::string text;
  for (size_t part = 0; part < panel.rows.size(); ++part) {
    for (size_t i = 0; i < panel.steps.size(); ++i) {
      const double left = i == 0 ? 0 : panel.steps[i - 1];
      const bool last = i + 1 == panel.steps.size();
      const bool top = part + 1 == panel.rows.size();
      text += fmt::format("{:.8g} {} {:.8g} {:.8g} {} {} {:.6g}\n",
                          panel.steps[i],
                          part + 1,
                          left,
                          panel.steps[i] + (last ? 0 : 0.3 * (panel.steps[i] - left)),
                          static_cast<double>(part) + 0.5,
                          static_cast<double>(part) + (top ? 1.5 : 1.6),
                          scale * panel.rows[part][i]);
    }
  }
  return text;
}

/// About four tics: 1, 2 or 5 times a power of ten apart.
double tic_distance(double range) {
  const double power = std::pow(10.0, std::floor(std::log10(range / 4)));
  for (const double times : {1.0, 2.0, 5.0}) {
    if (range / (times * power) <= 5) return times * power;
  }
  return 10 * power;
}

struct Extremes {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
};

Extremes extremes_of(const std::vector<Panel>& panels, double scale) {
  Extremes seen;
  for (const Panel& panel : panels) {
    for (const auto& row : panel.rows) {
      for (const double value : row) {
        seen.low = std::min(seen.low, scale * value);
        seen.high = std::max(seen.high, scale * value);
      }
    }
  }
  return seen;
}

/// Panels in rows and columns.
struct Layout {
  size_t rows;
  size_t columns;

  bool is_left(size_t panel) const { return panel % columns == 0; }
  bool is_right(size_t panel) const { return panel % columns + 1 == columns; }
  bool is_lowest(size_t panel) const { return panel / columns + 1 == rows; }
};

/// What all panels share. Margins are in shares of the sheet; to the right stands the scale.
std::string sheet_script(const FigureOptions& options, const Layout& layout, const Extremes& seen) {
  FigureOptions head = options;
  head.title.clear();
  std::string text = figure_head(head);
  text +=
      "set palette defined (0 '#440154', 0.25 '#3B528B', 0.5 '#21918C', 0.75 '#5EC962', 1 "
      "'#FDE725')\n";
  text += fmt::format("set cbrange [{:.6g}:{:.6g}]\nunset key\nunset grid\n", seen.low, seen.high);
  text += "set ytics 1\nset tics front out scale 0.6\n";
  const auto width = static_cast<double>(options.width);
  const auto height = static_cast<double>(options.height);
  text += fmt::format(
      "set multiplot layout {},{} margins {:.4f},{:.4f},{:.4f},{:.4f} spacing "
      "{:.4f},{:.4f}",
      layout.rows,
      layout.columns,
      85 / width,
      1 - 150 / width,
      85 / height,
      1 - (options.title.empty() ? 55 : 92) / height,
      55 / width,
      100 / height);
  if (!options.title.empty()) {
    text += " title " + train::gnuplot_quoted(options.title) + " font ',15'";
  }
  return text + "\n";
}

std::string panel_script(const FigureOptions& options,
                         const Layout& layout,
                         const Panel& panel,
                         size_t index) {
  const double end = panel.steps.back();
  const std::string x = options.x_label.empty() ? "step" : options.x_label;
  const std::string y = options.y_label.empty() ? options.y : options.y_label;
  std::string text = "set title " + train::gnuplot_quoted(panel.title) + " font ',14'\n";
  text += "set xlabel " + train::gnuplot_quoted(layout.is_lowest(index) ? x : "") + "\n";
  text += layout.is_left(index) ? "set ylabel 'layer'\n" : "set ylabel ''\n";
  text += layout.is_right(index) ? "set colorbox\nset cblabel " + train::gnuplot_quoted(y) + "\n"
                                 : "unset colorbox\n";
  text += fmt::format("set xrange [0:{:.8g}]\nset xtics 0, {:.6g}\nset yrange [0.5:{}]\n",
                      end,
                      tic_distance(end),
                      static_cast<double>(panel.rows.size()) + 0.5);
  return text + fmt::format(
                    "plot $panel{} using 1:2:3:4:5:6:7 with boxxyerror fc palette fs solid "
                    "noborder\n",
                    index);
}

}  // namespace

std::string heat_script(const FigureOptions& options, const ResultLines& lines) {
  const std::vector<Panel> panels = panels_of(options, lines);
  if (panels.empty()) {
    throw UsageError("figure \"" + options.name + "\": no row holds curves of \"" + options.y +
                     "\"; the sweep keeps them by curves = [\"" + options.y + "\"]");
  }
  const double scale = options.y_scale == 0 ? 1 : options.y_scale;
  std::string data;
  for (size_t i = 0; i < panels.size(); ++i) {
    data += fmt::format("$panel{} << EOD\n{}EOD\n", i, boxes_of(panels[i], scale));
  }
  const size_t columns = std::max<size_t>(1, options.parts.size());
  const Layout layout{(panels.size() + columns - 1) / columns, columns};
  std::string text = data + sheet_script(options, layout, extremes_of(panels, scale));
  for (size_t i = 0; i < panels.size(); ++i) text += panel_script(options, layout, panels[i], i);
  return text + "unset multiplot\n";
}

}  // namespace mixwright::sweep
