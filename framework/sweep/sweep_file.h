#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <mixwright/config_value.h>

#include "framework/sweep/figure_options.h"

namespace mixwright::sweep {

/// One training of a sweep.
struct Row {
  std::string name;               ///< its folder's: `token_mixer=pooling,lr=0.001,seed=1`
  size_t group = 0;               ///< rows of a group differ in the seed alone
  std::string config;             ///< path of the config
  std::vector<std::string> sets;  ///< as of --set, the seed's not among them
  int64_t seed = 0;
};

/// Names with numbers or texts, as a row's `values` gives them.
using Facts = std::vector<std::pair<std::string, ConfigValue>>;

/// What is tried, and which settings vary.
struct Group {
  std::vector<std::string> values;  ///< one for each column: `pooling`, `0.001`
  Facts facts;                      ///< what tables and figures know it by beside that
};

struct Sweep {
  std::string name;
  std::vector<std::string> columns;  ///< `row`, then the last words of the grid's paths
  std::vector<Group> groups;
  std::vector<Row> rows;  ///< the seeds of a group follow one another
  std::string results;    ///< file that keeps what finished rows came to; empty: none does
  std::vector<std::string> curves;  ///< numbers of parts whose course is kept
  bool latency = false;             ///< whether networks' latency is measured
  std::string against;              ///< row that others are compared with; empty: none
  std::vector<FigureOptions> figures;
};

/// The whole sweep, or the small one of its [quick] table.
enum class Extent { kWhole, kQuick };

/// Reads a sweep file: every entry of [[row]] with every combination of [grid] with every seed.
/// `sets` are laid over all rows, under what they vary. The quick one has a name of its own, other
/// rows, grid and seeds where [quick] says so, its settings over all others, and keeps no results.
///
/// Keys of `set` and [grid] are paths as of --set. Paths of configs are relative to the file.
/// Throws: UsageError with a line for each thing that is wrong; the configs are not read.
Sweep read_sweep(const std::string& path,
                 const std::vector<std::string>& sets = {},
                 Extent extent = Extent::kWhole);

}  // namespace mixwright::sweep
