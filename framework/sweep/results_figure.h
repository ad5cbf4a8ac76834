#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "framework/sweep/figure_options.h"
#include "framework/sweep/results_file.h"

namespace mixwright::sweep {

/// What gnuplot is told, which is all that a figure's files depend on.
struct Drawing {
  int width = 0;
  int height = 0;
  std::string script;
};

/// Throws: UsageError where the rows have nothing that the figure shows.
Drawing drawing_of(const FigureOptions& options, const ResultLines& lines);

/// Draws NAME.png and NAME.svg into the folder and returns their paths.
/// Throws: as drawing_of and train::draw_figure.
std::vector<std::filesystem::path> draw_results(const FigureOptions& options,
                                                const ResultLines& lines,
                                                const std::filesystem::path& folder);

/// The scripts of the kinds of figures.
std::string points_script(const FigureOptions& options, const ResultLines& lines);
std::string bars_script(const FigureOptions& options, const ResultLines& lines);
std::string heat_script(const FigureOptions& options, const ResultLines& lines);

/// What all of them begin with: letters that are still read at a column's width, the title.
std::string figure_head(const FigureOptions& options);

}  // namespace mixwright::sweep
