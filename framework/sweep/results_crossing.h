#pragma once

#include "framework/sweep/figure_options.h"
#include "framework/sweep/results_file.h"

namespace mixwright::sweep {

/// Where a crossing is written into a line; the y of a figure that asks for one.
constexpr const char* kCrossing = "crossing";

/// Of rows that differ in one setting alone, the value of it at which y passes a level: a capacity,
/// a threshold. One line for all of them and each seed, without that setting, with the value under
/// kCrossing, and no config_sha256 since there are several.
///
///   x = exp(ln a + (ln b - ln a) (y_a - level) / (y_a - y_b))   between the first neighbours a < b
///   with y on both sides
///
/// Interpolated in the setting itself where one of the two is not above 0. Where some seed never
/// passes the level the rows are left out, since the others' mean would be one of the early ones.
ResultLines crossings(const FigureOptions& options, const ResultLines& lines);

}  // namespace mixwright::sweep
