// A bar for each text, side by side for each series.

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "framework/sweep/results_chart.h"
#include "framework/sweep/results_figure.h"
#include "framework/train/figure.h"
#include "framework/train/gnuplot.h"

namespace mixwright::sweep {

namespace {

constexpr double kWidth = 0.8;           // of the bars of one text together
constexpr size_t kPixelsOfALetter = 10;  // below the bars

train::AxisRange seen_of(const Chart& chart) {
  train::AxisRange seen;
  for (const ChartSeries& series : chart.series) {
    for (const ChartPoint& point : series.points) {
      seen.include(point.y.mean - point.y.half.value_or(0));
      seen.include(point.y.mean + point.y.half.value_or(0));
      for (const double value : point.each) seen.include(value);
    }
  }
  return seen;
}

/// Texts below the bars, slanted where they are too long to stand side by side.
std::string label_tics(const Chart& chart, size_t width) {
  size_t longest = 0;
  std::string text;
  for (size_t i = 0; i < chart.labels.size(); ++i) {
    longest = std::max(longest, chart.labels[i].size());
    text += (i == 0 ? "" : ", ") + train::gnuplot_quoted(chart.labels[i]) + fmt::format(" {}", i);
  }
  const bool level = chart.labels.size() * (longest + 1) * kPixelsOfALetter < width;
  return "set xtics (" + text + ")" + (level ? "\n" : " rotate by 35 right\n");
}

/// Of one series: place, mean, half its interval; and place, value of every seed.
struct Bars {
  std::string means;
  std::string dots;
};

Bars bars_of(const Chart& chart, size_t index) {
  const double width = kWidth / static_cast<double>(chart.series.size());
  Bars bars;
  for (const ChartPoint& point : chart.series[index].points) {
    const auto found = std::find(chart.labels.begin(), chart.labels.end(), point.label);
    const double place = static_cast<double>(found - chart.labels.begin()) - kWidth / 2 +
                         (static_cast<double>(index) + 0.5) * width;
    bars.means +=
        fmt::format("{:.6g} {:.8g} {:.8g}\n", place, point.y.mean, point.y.half.value_or(0));
    for (const double value : point.each) {
      bars.dots += fmt::format("{:.6g} {:.8g}\n", place + 0.25 * width, value);
    }
  }
  return bars;
}

}  // namespace

std::string bars_script(const FigureOptions& options, const ResultLines& lines) {
  const Chart chart = chart_of(options, lines);
  std::string data;
  std::string plots;
  for (size_t i = 0; i < chart.series.size(); ++i) {
    const Bars bars = bars_of(chart, i);
    data += fmt::format(
        "$means{0} << EOD\n{1}EOD\n$dots{0} << EOD\n{2}EOD\n", i, bars.means, bars.dots);
    plots += fmt::format(
        "{0}$means{1} using 1:2 with boxes fs solid 0.45 noborder lc rgb '{2}' {3}, "
        "$means{1} using 1:2:3 with yerrorbars pt 7 ps 0.4 lw 2 lc rgb '#202020' notitle, "
        "$dots{1} using 1:2 with points pt 7 ps 0.6 lc rgb '{2}' notitle",
        i == 0 ? "plot " : ", ",
        i,
        train::figure_colour(i),
        chart.series[i].name.empty() ? "notitle"
                                     : "title " + train::gnuplot_quoted(chart.series[i].name));
  }
  const train::AxisRange axis = train::bar_axis(seen_of(chart));
  const std::string cut = axis.low != 0 ? "\nset label 'axis does not begin at 0' at graph 0.01, "
                                          "graph 0.03 font ',10' tc rgb '#606060' front"
                                        : "";
  std::string text =
      data + figure_head(options) + label_tics(chart, static_cast<size_t>(options.width));
  text += "set ylabel " + train::gnuplot_quoted(chart.y_label) + cut + "\n";
  text += fmt::format(
      "set yrange [{:.8g}:{:.8g}]\nset grid noxtics\nset rmargin 2\n", axis.low, axis.high);
  text += fmt::format("set boxwidth {:.6g}\nset xrange [-0.6:{}]\n",
                      0.92 * kWidth / static_cast<double>(chart.series.size()),
                      static_cast<double>(chart.labels.size()) - 0.4);
  text += chart.series.size() > 1 ? "set key top left horizontal samplen 1 font ',13'\n"
                                  : "unset key\n";
  return text + plots + "\n";
}

}  // namespace mixwright::sweep
