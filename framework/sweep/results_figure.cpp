#include "framework/sweep/results_figure.h"

#include <spdlog/fmt/fmt.h>

#include <mixwright/error.h>

#include "framework/sweep/results_chart.h"
#include "framework/sweep/results_crossing.h"
#include "framework/train/figure.h"
#include "framework/train/gnuplot.h"

namespace mixwright::sweep {

std::string figure_head(const FigureOptions& options) {
  std::string text = train::figure_style() + "set termoption font 'DejaVu Sans,14'\n";
  if (!options.title.empty()) {
    text += "set title " + train::gnuplot_quoted(options.title) + " font ',15'\n";
  }
  return text;
}

Drawing drawing_of(const FigureOptions& options, const ResultLines& lines) {
  if (!options.crossing.of.empty()) {
    FigureOptions crossing = options;
    crossing.crossing.of.clear();
    crossing.y = kCrossing;
    return drawing_of(crossing, crossings(options, rows_of(options, lines)));
  }
  if (!options.y_range.empty() &&
      (options.y_range.size() != 2 || options.y_range[0] >= options.y_range[1])) {
    throw UsageError("figure \"" + options.name +
                     "\": y_range = [lowest, highest] expected, such as [0, 100]");
  }
  Drawing drawing;
  drawing.width = static_cast<int>(options.width);
  drawing.height = static_cast<int>(options.height);
  switch (options.kind) {
    case FigureKind::kPoints:
      drawing.script = points_script(options, lines);
      break;
    case FigureKind::kBars:
      drawing.script = bars_script(options, lines);
      break;
    case FigureKind::kHeat:
      drawing.script = heat_script(options, lines);
      break;
  }
  return drawing;
}

std::vector<std::filesystem::path> draw_results(const FigureOptions& options,
                                                const ResultLines& lines,
                                                const std::filesystem::path& folder) {
  const Drawing drawing = drawing_of(options, lines);
  const std::vector<std::filesystem::path> files = {folder / (options.name + ".png"),
                                                    folder / (options.name + ".svg")};
  train::draw_figure(files, drawing.width, drawing.height, drawing.script);
  return files;
}

}  // namespace mixwright::sweep
