#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <mixwright/options.h>

#include "framework/config/raw_options.h"
#include "framework/sweep/figure_options.h"

// What a sweep file may say.

namespace mixwright::sweep {

/// One entry of [[row]].
struct RowOptions {
  std::string name;
  std::string config;
  config::RawTable set;
  config::RawTable grid;
  config::RawTable values;
};

MIXWRIGHT_OPTIONS(RowOptions,
                  field("name", &RowOptions::name).required().doc("what its runs are called"),
                  field("config", &RowOptions::config).doc("in place of the sweep's"),
                  field("set", &RowOptions::set).doc("\"path\" = value, as of --set"),
                  field("grid", &RowOptions::grid).doc("\"path\" = [values] in place of [grid]'s"),
                  field("values", &RowOptions::values)
                      .doc("name = number or text: what tables and figures know the row by"))

/// The [quick] table: the same sweep, small enough to be tried whole.
struct QuickOptions {
  std::vector<int64_t> seeds;
  config::RawTable set;
  std::vector<std::string> rows;
  config::RawTable grid;
};

MIXWRIGHT_OPTIONS(
    QuickOptions,
    field("seeds", &QuickOptions::seeds).at_least(0).doc("in place of the sweep's"),
    field("set", &QuickOptions::set).doc("\"path\" = value over all that rows set"),
    field("rows", &QuickOptions::rows).doc("names of the rows that are kept"),
    field("grid", &QuickOptions::grid).doc("\"path\" = [values] in place of [grid]'s"))

struct SweepOptions {
  int64_t format = 1;
  std::string name;
  std::string config;
  std::vector<int64_t> seeds = {0};
  config::RawTable set;
  config::RawTable grid;
  std::vector<RowOptions> row;
  QuickOptions quick;
  std::string results;
  std::vector<std::string> curves;
  std::string against;
  bool latency = false;
  std::vector<FigureOptions> figure;
};

MIXWRIGHT_OPTIONS(
    SweepOptions,
    field("format", &SweepOptions::format).at_least(1).at_most(1).doc("of this file"),
    field("name", &SweepOptions::name).doc("the sweep's folder is runs/NAME"),
    field("config", &SweepOptions::config).doc("the config that all rows begin with"),
    field("seeds", &SweepOptions::seeds).at_least(0).doc("each row is trained once with each"),
    field("set", &SweepOptions::set).doc("\"path\" = value for all rows"),
    field("grid", &SweepOptions::grid).doc("\"path\" = [values]: every combination"),
    field("row", &SweepOptions::row).doc("[[row]]: variations that are no grid"),
    field("quick", &SweepOptions::quick).doc("what --quick makes smaller"),
    field("results", &SweepOptions::results)
        .doc("a .jsonl file, relative to this one, that keeps what finished rows came to"),
    field("curves", &SweepOptions::curves)
        .doc("names of numbers that parts report, whose course stands in the results too"),
    field("latency", &SweepOptions::latency)
        .doc("measure how long each network takes to answer one sample on one thread"),
    field("against", &SweepOptions::against)
        .doc("a row that others are compared with in the table of results"),
    field("figure", &SweepOptions::figure).doc("[[figure]]: pictures of the results"))

}  // namespace mixwright::sweep
