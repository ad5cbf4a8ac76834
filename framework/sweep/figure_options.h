#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <mixwright/options.h>

#include "framework/config/raw_options.h"

// What [[figure]] of a sweep file may say.

namespace mixwright::sweep {

/// How rows become a picture.
enum class FigureKind {
  kPoints,  ///< a mean with its interval for each x; a row without x is a level line
  kBars,    ///< a bar for each text that x takes
  kHeat,    ///< numbers that parts reported, over the steps
};

MIXWRIGHT_CHOICES(FigureKind,
                  choice("points", FigureKind::kPoints),
                  choice("bars", FigureKind::kBars),
                  choice("heat", FigureKind::kHeat))

/// A line that is drawn beside the rows: what theory says, a published figure.
struct FigureLine {
  std::string title;
  std::vector<double> x;
  std::vector<double> y;
  std::string series;
};

MIXWRIGHT_OPTIONS(FigureLine,
                  field("title", &FigureLine::title).doc("in the legend"),
                  field("series", &FigureLine::series)
                      .doc("text of the series whose colour it takes; empty: grey"),
                  field("x", &FigureLine::x).doc("its corners; none: a level line at y"),
                  field("y", &FigureLine::y).required().doc("as many; of a level line one"))

/// Rows that differ in one setting become one, with the value at which y passes a level.
struct FigureCrossing {
  std::string of;
  double level = 0.5;
};

MIXWRIGHT_OPTIONS(FigureCrossing,
                  field("of", &FigureCrossing::of)
                      .doc("the setting whose value is sought; empty: y itself is shown"),
                  field("level", &FigureCrossing::level).doc("of y, as the results have it"))

struct FigureOptions {
  std::string name;
  FigureKind kind = FigureKind::kPoints;
  std::string title;
  std::string x = "row";
  std::string y = "test";
  std::string series;
  config::RawTable where;
  std::string x_label;
  std::string y_label;
  bool log_x = false;
  bool log_y = false;
  std::vector<double> y_range;
  double x_scale = 1;
  double y_scale = 0;
  bool joined = true;
  bool named = false;
  std::vector<FigureLine> line;
  FigureCrossing crossing;
  std::vector<std::string> parts;
  int64_t width = 640;
  int64_t height = 460;
};

MIXWRIGHT_OPTIONS(
    FigureOptions,
    field("name", &FigureOptions::name).required().doc("its files are NAME.png and NAME.svg"),
    field("kind", &FigureOptions::kind)
        .doc("points: means with intervals over x, level lines of rows that have none; bars: one "
             "for each text of x; heat: a number that parts reported, over the steps"),
    field("title", &FigureOptions::title).doc("above it"),
    field("x", &FigureOptions::x)
        .doc("what lies to the right: one of a row's settings, or parameters, macs, seconds, …"),
    field("y", &FigureOptions::y)
        .doc("what lies above: test, best, test_metrics.NAME, …; of a heat map the number's name"),
    field("series", &FigureOptions::series).doc("the setting that has a colour for each text"),
    field("where", &FigureOptions::where).doc("setting = text or number: only rows that have it"),
    field("x_label", &FigureOptions::x_label).doc("of the axis, with its unit; else x"),
    field("y_label", &FigureOptions::y_label).doc("likewise"),
    field("log_x", &FigureOptions::log_x)
        .doc("powers of ten at equal distances; 0 stands left of them behind a gap"),
    field("log_y", &FigureOptions::log_y).doc("the same of y, without 0"),
    field("y_range", &FigureOptions::y_range)
        .doc("of points: [lowest, highest] of the axis, as it is drawn; else as far as they and "
             "their intervals go"),
    field("x_scale", &FigureOptions::x_scale).doc("factor of x, such as 1e-6 for millions"),
    field("y_scale", &FigureOptions::y_scale)
        .doc("factor of y; 0: 100 for the decisive metric in per cent, else 1"),
    field("joined", &FigureOptions::joined).doc("a line through a series' points"),
    field("named", &FigureOptions::named).doc("series' names beside their points, no legend"),
    field("line", &FigureOptions::line).doc("[[figure.line]]: drawn beside the rows"),
    field("crossing", &FigureOptions::crossing)
        .doc("the value of a setting at which y passes a level, in the place of y"),
    field("parts", &FigureOptions::parts)
        .doc("of a heat map: ends of the parts' paths, a panel for each"),
    field("width", &FigureOptions::width).at_least(200).at_most(4000).doc("in pixels"),
    field("height", &FigureOptions::height).at_least(150).at_most(4000).doc("in pixels"))

}  // namespace mixwright::sweep
