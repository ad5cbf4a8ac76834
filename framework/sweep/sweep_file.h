#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace mixwright::sweep {

/// One training of a sweep.
struct Row {
  std::string name;               ///< its folder's: `token_mixer=pooling,lr=0.001,seed=1`
  size_t group = 0;               ///< rows of a group differ in the seed alone
  std::string config;             ///< path of the config
  std::vector<std::string> sets;  ///< as of --set, the seed's not among them
  int64_t seed = 0;
};

/// What is tried, and which settings vary.
struct Group {
  std::vector<std::string> values;  ///< one for each column: `pooling`, `0.001`
};

struct Sweep {
  std::string name;
  std::vector<std::string> columns;  ///< `row`, then the last words of the grid's paths
  std::vector<Group> groups;
  std::vector<Row> rows;  ///< the seeds of a group follow one another
};

/// Reads a sweep file: every entry of [[row]] with every combination of [grid] with every seed.
/// `sets` are laid over all rows, under what they vary.
///
/// Keys of `set` and [grid] are paths as of --set. Paths of configs are relative to the file.
/// Throws: UsageError with a line for each thing that is wrong; the configs are not read.
Sweep read_sweep(const std::string& path, const std::vector<std::string>& sets = {});

}  // namespace mixwright::sweep
