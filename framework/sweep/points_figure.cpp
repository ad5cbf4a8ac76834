// Means with intervals over a number.

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <spdlog/fmt/fmt.h>

#include "framework/sweep/point_labels.h"
#include "framework/sweep/results_chart.h"
#include "framework/sweep/results_figure.h"
#include "framework/train/figure.h"
#include "framework/train/gnuplot.h"

namespace mixwright::sweep {

namespace {

constexpr int kMostDecades = 9;  // that have a number each
constexpr int kFewDecades = 2;   // in which numbers stand between them, too
constexpr int kZeroDecades = 2;  // that 0 takes beside them

/// 10⁻³, as the terminals' plain text has it.
std::string power_of_ten(int exponent) {
  static const char* const kDigits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  if (exponent == 0) return "1";
  if (exponent == 1) return "10";
  std::string text = exponent < 0 ? "10⁻" : "10";
  for (const char digit : std::to_string(std::abs(exponent))) text += kDigits[digit - '0'];
  return text;
}

/// What lies between the smallest and the largest positive number, and where 0 is drawn.
struct Span {
  double low = std::numeric_limits<double>::infinity();
  double high = 0;
  bool has_zero = false;

  void include(double value) {
    if (value == 0) has_zero = true;
    if (value <= 0) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool is_empty() const { return high == 0; }
  int first() const { return static_cast<int>(std::floor(std::log10(low) + 1e-9)); }
  int last() const { return static_cast<int>(std::ceil(std::log10(high) - 1e-9)); }
  /// Left of the others.
  double zero() const { return std::pow(10.0, first() - kZeroDecades); }
};

Span span_of(const Chart& chart, const FigureOptions& options) {
  Span span;
  for (const ChartSeries& series : chart.series) {
    for (const ChartPoint& point : series.points) {
      if (point.x) span.include(*point.x);
    }
  }
  for (const FigureLine& line : options.line) {
    for (const double x : line.x) span.include(x);
  }
  return span;
}

/// Calls `visit` with every y that is drawn: means, the ends of their intervals, lines.
template <class Visitor>
void each_y(const Chart& chart, const FigureOptions& options, const Visitor& visit) {
  for (const ChartSeries& series : chart.series) {
    for (const ChartPoint& point : series.points) {
      visit(point.y.mean - point.y.half.value_or(0));
      visit(point.y.mean + point.y.half.value_or(0));
      visit(point.y.mean);
    }
  }
  for (const FigureLine& line : options.line) {
    for (const double y : line.y) visit(y);
  }
}

Span y_span_of(const Chart& chart, const FigureOptions& options) {
  Span span;
  each_y(chart, options, [&span](double y) { span.include(y); });
  return span;
}

/// From where to where an axis goes.
struct Axis {
  double low;
  double high;
  bool log;
  /// Which part of the axis lies below a value.
  double part(double value) const {
    if (!log) return (value - low) / (high - low);
    return std::log(std::max(value, low) / low) / std::log(high / low);
  }
};

Axis x_axis(const Span& span, const FigureOptions& options) {
  if (options.log_x) return {(span.has_zero ? span.zero() : span.low) / 1.6, span.high * 1.6, true};
  const double low = span.has_zero ? 0 : span.low;
  const double pad = span.high > low ? 0.06 * (span.high - low) : std::max(1.0, 0.1 * span.high);
  return {low - pad, span.high + pad, false};
}

/// That of a figure with names, which must know it; others leave it to gnuplot.
Axis named_y_axis(const Chart& chart, const FigureOptions& options) {
  if (options.y_range.size() == 2) return {options.y_range[0], options.y_range[1], options.log_y};
  const Span span = y_span_of(chart, options);
  if (options.log_y && !span.is_empty()) return {span.low / 1.4, span.high * 1.4, true};
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  each_y(chart, options, [&](double y) {
    low = std::min(low, y);
    high = std::max(high, y);
  });
  const double pad = high > low ? 0.06 * (high - low) : std::max(1e-3, 0.1 * std::abs(high));
  return {low - pad, high + pad, false};
}

/// A tic for each decade, or for 1, 2 and 5 of each where these have room.
std::string log_tics(const Span& span) {
  std::string tics;
  const auto add = [&tics](const std::string& text, const std::string& place) {
    tics += fmt::format("{}\"{}\" {}", tics.empty() ? "" : ", ", text, place);
  };
  const int decades = span.last() - span.first();
  for (int exponent = span.first(); exponent <= span.last();
       exponent += decades / kMostDecades + 1) {
    const double decade = std::pow(10.0, exponent);
    if (decades + (span.has_zero ? kZeroDecades : 0) > kFewDecades) {
      add(power_of_ten(exponent), fmt::format("1e{}", exponent));
      continue;
    }
    for (const int times : {1, 2, 5}) {
      add(fmt::format("{:g}", times * decade), fmt::format("{}e{}", times, exponent));
    }
  }
  return tics;
}

/// A logarithmic axis upwards, as far as there is something to see.
std::string log_y_axis(const Span& span) {
  if (span.is_empty()) return "set logscale y\n";
  return fmt::format("set logscale y\nset ytics ({})\nset yrange [{:.6g}:{:.6g}]\n",
                     log_tics(span),
                     span.low / 1.4,
                     span.high * 1.4);
}

std::string x_range(const Axis& axis) {
  return fmt::format("set xrange [{:.6g}:{:.6g}]\n", axis.low, axis.high);
}

/// A logarithmic axis; 0 beyond a gap.
std::string log_axis(const Span& span, const Axis& axis) {
  std::string tics = log_tics(span);
  std::string text = "set logscale x\n";
  if (span.has_zero) {
    tics += fmt::format(", \"0\" {:.6g}", span.zero());
    text += fmt::format(
        "set arrow from {0:.6g}, graph 0 to {0:.6g}, graph 1 nohead dt 3 lc rgb '#909090'\n",
        span.zero() * std::sqrt(10.0));
  }
  return text + "set xtics (" + tics + ")\n" + x_range(axis);
}

/// A tic at each x where these are few whole numbers, such as counts; else nothing.
std::string whole_tics(const Chart& chart) {
  constexpr size_t kMost = 10;
  std::set<double> places;
  for (const ChartSeries& series : chart.series) {
    for (const ChartPoint& point : series.points) {
      if (point.x && *point.x != std::round(*point.x)) return "";
      if (point.x) places.insert(*point.x);
    }
  }
  if (places.empty() || places.size() > kMost) return "";
  if (*places.rbegin() - *places.begin() > kMost) return "";
  std::string tics;
  for (const double place : places) tics += fmt::format("{}{:g}", tics.empty() ? "" : ", ", place);
  return "set xtics (" + tics + ")\n";
}

/// Where a point is drawn across: 0 of a logarithmic axis beyond its gap.
double shown_x(double x, const FigureOptions& options, const Span& span) {
  return options.log_x && x == 0 ? span.zero() : x;
}

/// The parts of a plot command, and the data that they read.
struct Plot {
  std::string data;
  std::string commands;
  size_t blocks = 0;

  std::string block(const std::string& lines) {
    data += fmt::format("$data{} << EOD\n{}EOD\n", blocks, lines);
    return fmt::format("$data{}", blocks++);
  }
  void add(const std::string& command) {
    commands += (commands.empty() ? "" : ", \\\n  ") + command;
  }
};

std::string title_text(const std::string& name) {
  return name.empty() ? "notitle" : "title " + train::gnuplot_quoted(name);
}

/// A row without x: a line from side to side and its interval as a band.
void add_level(Plot& plot, const ChartSeries& series, const ChartPoint& point, size_t index) {
  const std::string colour = train::figure_colour(index);
  const std::string name = series.name.empty() ? point.label : series.name;
  if (point.y.half) {
    plot.add(
        fmt::format("'+' using 1:({:.8g}):({:.8g}) with filledcurves fc rgb '{}' fs "
                    "transparent solid 0.15 noborder notitle",
                    point.y.mean - *point.y.half,
                    point.y.mean + *point.y.half,
                    colour));
  }
  plot.add(fmt::format(
      "{:.8g} with lines lw 2 dt (12,6) lc rgb '{}' {}", point.y.mean, colour, title_text(name)));
}

void add_series(Plot& plot,
                const ChartSeries& series,
                size_t index,
                const FigureOptions& options,
                const Span& span) {
  std::string means;
  size_t count = 0;
  for (const ChartPoint& point : series.points) {
    if (!point.x) {
      add_level(plot, series, point, index);
      continue;
    }
    const double x = shown_x(*point.x, options, span);
    means += fmt::format("{:.8g} {:.8g} {:.8g}\n", x, point.y.mean, point.y.half.value_or(0));
    if (options.log_x && *point.x == 0) means += "\n";  // no line over the gap
    ++count;
  }
  if (count == 0) return;
  const std::string colour = train::figure_colour(index);
  const std::string block = plot.block(means);
  const std::string name = options.named ? "" : series.name;
  if (options.joined && count > 1) {
    plot.add(fmt::format("{} using 1:2 with lines lw 2 lc rgb '{}' notitle", block, colour));
  }
  plot.add(fmt::format("{} using 1:2:3 with yerrorbars pt 7 ps 1.1 lw 2 lc rgb '{}' {}",
                       block,
                       colour,
                       title_text(name)));
}

/// Names beside the points, each on the side where it covers least. The margins are those of the
/// figures' font, about.
void add_names(Plot& plot, const Chart& chart, const FigureOptions& options, const Span& span) {
  constexpr int64_t kMarginsOfX = 233;
  constexpr int64_t kMarginsOfY = 131;
  const Axis x_shown = x_axis(span, options);
  const Axis y_shown = named_y_axis(chart, options);
  const auto across = [&](double x) {
    return static_cast<double>(options.width - kMarginsOfX) * x_shown.part(x);
  };
  const auto up = [&](double y) {
    return static_cast<double>(options.height - kMarginsOfY) * y_shown.part(y);
  };
  std::vector<NamedPoint> points;
  std::vector<std::string> drawn;  // what of a plot command does not depend on the side
  for (size_t i = 0; i < chart.series.size(); ++i) {
    const ChartSeries& series = chart.series[i];
    for (const ChartPoint& point : series.points) {
      if (!point.x) continue;
      const double x = shown_x(*point.x, options, span);
      const double half = point.y.half.value_or(0);
      points.push_back({series.name,
                        across(x),
                        up(point.y.mean),
                        up(point.y.mean - half),
                        up(point.y.mean + half)});
      drawn.push_back(fmt::format("{} using 1:2:({}) with labels tc rgb '{}'",
                                  plot.block(fmt::format("{:.8g} {:.8g}\n", x, point.y.mean)),
                                  train::gnuplot_quoted(series.name),
                                  train::figure_colour(i)));
    }
  }
  const std::vector<LabelSide> sides = label_sides(points);
  for (size_t i = 0; i < sides.size(); ++i) {
    plot.add(fmt::format("{} {} offset char {},{} font ',12' notitle",
                         drawn[i],
                         sides[i].left ? "right" : "left",
                         sides[i].left ? -0.9 : 0.9,
                         sides[i].below ? -0.5 : 0.5));
  }
}

void add_line(Plot& plot, const FigureLine& line, size_t index, const Chart& chart) {
  std::string colour = "#404040";
  for (size_t i = 0; i < chart.series.size(); ++i) {
    if (!line.series.empty() && chart.series[i].name == line.series) {
      colour = train::figure_colour(i);
    }
  }
  const std::string style = fmt::format("with lines lw 1.8 dt {} lc rgb '{}' {}",
                                        line.series.empty() ? 3 + index : 2,
                                        colour,
                                        title_text(line.title));
  if (line.x.empty()) {
    plot.add(fmt::format("{:.8g} {}", line.y.empty() ? 0.0 : line.y.front(), style));
    return;
  }
  std::string corners;
  for (size_t i = 0; i < std::min(line.x.size(), line.y.size()); ++i) {
    corners += fmt::format("{:.8g} {:.8g}\n", line.x[i], line.y[i]);
  }
  plot.add(plot.block(corners) + " using 1:2 " + style);
}

}  // namespace

std::string points_script(const FigureOptions& options, const ResultLines& lines) {
  const Chart chart = chart_of(options, lines);
  const Span span = span_of(chart, options);
  Plot plot;
  for (size_t i = 0; i < chart.series.size(); ++i) {
    add_series(plot, chart.series[i], i, options, span);
  }
  for (size_t i = 0; i < options.line.size(); ++i) add_line(plot, options.line[i], i, chart);
  if (options.named) add_names(plot, chart, options, span);
  std::string text = plot.data + figure_head(options);
  text += "set xlabel " + train::gnuplot_quoted(chart.x_label) + " offset 0,0.3\n";
  text += "set ylabel " + train::gnuplot_quoted(chart.y_label) + "\n";
  if (span.is_empty()) {
    text += "unset xtics\n";  // level lines alone
  } else {
    const Axis axis = x_axis(span, options);
    text += options.log_x ? log_axis(span, axis) : x_range(axis) + whole_tics(chart);
  }
  if (options.log_y) text += log_y_axis(y_span_of(chart, options));
  if (options.named) {
    const Axis axis = named_y_axis(chart, options);
    text += fmt::format("set yrange [{:.8g}:{:.8g}]\n", axis.low, axis.high);
  } else if (options.y_range.size() == 2) {
    text += fmt::format("set yrange [{:.8g}:{:.8g}]\n", options.y_range[0], options.y_range[1]);
  } else {
    text += "set offsets 0, 0, graph 0.06, graph 0.06\n";
  }
  text += options.named
              ? "unset key\nset rmargin 12\n"
              : "set key below center horizontal samplen 3 spacing 1.2 width 1 font ',13'\n";
  return text + "plot " + plot.commands + "\n";
}

}  // namespace mixwright::sweep
