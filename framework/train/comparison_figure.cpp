// The picture of groups of runs.

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "framework/train/comparison.h"
#include "framework/train/figure.h"
#include "framework/train/gnuplot.h"
#include "framework/train/text_table.h"

namespace mixwright::train {

namespace {

constexpr size_t kMostNamedSettings = 2;
constexpr size_t kLongestName = 18;  // letters below a bar

std::string shortened(const std::string& text) {
  return text.size() <= kLongestName ? text : text.substr(0, kLongestName - 3) + "...";
}

/// Lines of text as one string for gnuplot.
std::string lines_quoted(const std::vector<std::string>& lines) {
  std::string text = "\"";
  for (const std::string& line : lines) {
    if (&line != &lines.front()) text += "\\n";
    const std::string quoted = gnuplot_quoted(line);
    text += quoted.substr(1, quoted.size() - 2);
  }
  return text + "\"";
}

/// Below the bars: each group's letter and, where few settings differ, its values of them; then
/// what these are.
std::string names_script(const std::vector<RunGroup>& groups, Names names) {
  std::vector<DifferingSetting> settings;
  if (names == Names::kLabelsAndSettings) settings = differing_settings(groups);
  if (settings.size() > kMostNamedSettings) settings.clear();
  std::string text = "set xtics (";
  for (size_t i = 0; i < groups.size(); ++i) {
    std::vector<std::string> lines = {shortened(groups[i].label)};
    for (const DifferingSetting& setting : settings) lines.push_back(shortened(setting.values[i]));
    text += (i == 0 ? "" : ", ") + lines_quoted(lines) + fmt::format(" {}", i);
  }
  text += fmt::format(")\nset bmargin {}\n", 2 + 2 * settings.size());
  if (settings.empty()) return text;
  std::vector<std::string> paths;
  for (const DifferingSetting& setting : settings) paths.push_back(setting.path);
  return text + fmt::format("set xlabel {} offset 0,-{}\n", lines_quoted(paths), settings.size());
}

AxisRange range_of(const std::vector<RunGroup>& groups, double scale) {
  AxisRange range;
  for (const RunGroup& group : groups) {
    const MeanInterval best = group.best();
    for (const double end :
         {best.mean - best.half.value_or(0), best.mean + best.half.value_or(0)}) {
      range.include(end * scale);
    }
    for (const RunOutcome& run : group.runs) range.include(run.best.value * scale);
  }
  return range;
}

std::string axis_script(const AxisRange& axis, const Metric& metric) {
  std::string label = metric.name + (metric.percent ? " (%)" : "");
  if (axis.low != 0) label += ", axis does not begin at 0";
  return "set ylabel " + gnuplot_quoted(label) +
         fmt::format("\nset yrange [{:.8g}:{:.8g}]\n", axis.low, axis.high);
}

std::string data_script(const std::vector<RunGroup>& groups, double scale) {
  std::string bars = "$bars << EOD\n";
  std::string intervals = "$intervals << EOD\n";
  std::string dots = "$dots << EOD\n";
  for (size_t i = 0; i < groups.size(); ++i) {
    const MeanInterval best = groups[i].best();
    Metric mean = groups[i].runs.front().best;
    mean.value = best.mean;
    bars += fmt::format("{} {:.8g} \"{}\"\n", i, best.mean * scale, metric_text(mean));
    // A line has to be there, for gnuplot refuses an empty block.
    intervals += best.half
                     ? fmt::format("{} {:.8g} {:.8g}\n", i, best.mean * scale, *best.half * scale)
                     : fmt::format("{} NaN NaN\n", i);
    for (const RunOutcome& run : groups[i].runs) {
      dots += fmt::format("{} {:.8g}\n", i, run.best.value * scale);
    }
  }
  return bars + "EOD\n" + intervals + "EOD\n" + dots + "EOD\n";
}

std::string comparison_script(const std::vector<RunGroup>& groups, Names names) {
  const Metric& metric = groups.front().runs.front().best;
  const double scale = metric.percent ? 100 : 1;
  const AxisRange axis = bar_axis(range_of(groups, scale));
  const std::string title = "Best validation " + metric.name + ": mean, 95 % interval, each run";
  std::string text = data_script(groups, scale) + figure_style();
  text += "set title " + gnuplot_quoted(title) + " font ',13'\n";
  text += "unset key\nset grid noxtics\nset lmargin 12\n";
  text += "set boxwidth 0.6\n" + names_script(groups, names);
  text += fmt::format("set xrange [-0.6:{}]\n", static_cast<double>(groups.size()) - 0.4);
  text += axis_script(axis, metric);
  const std::string colour = figure_colour(0);
  return text + fmt::format(
                    "plot $bars using 1:2 with boxes fs solid 0.35 noborder lc rgb '{0}', "
                    "$intervals using 1:2:3 with yerrorbars pt 7 ps 0.5 lw 2 lc rgb '#202020', "
                    "$dots using ($1+0.12):2 with points pt 7 ps 0.9 lc rgb '{0}', "
                    "$bars using 1:({1:.8g}):3 with labels tc rgb '#202020'\n",
                    colour,
                    axis.low + 0.05 * (axis.high - axis.low));  // at the bars' feet
}

}  // namespace

void draw_comparison(const std::vector<RunGroup>& groups,
                     const std::filesystem::path& file,
                     Names names) {
  const int width = std::max(640, 160 + 150 * static_cast<int>(groups.size()));
  draw_figure({file}, width, 480, comparison_script(groups, names));
}

}  // namespace mixwright::train
