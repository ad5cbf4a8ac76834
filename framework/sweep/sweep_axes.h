#pragma once

#include <string>
#include <vector>

#include <mixwright/config_value.h>
#include <mixwright/options.h>

namespace mixwright::sweep {

/// A setting that varies: its path and what it takes.
struct Axis {
  std::string path;
  std::vector<std::string> sets;    ///< `path=value`
  std::vector<std::string> labels;  ///< the values in short, all different
};

/// A table of "path" = value as the texts of --set; what is wrong is said at its key.
std::vector<std::string> set_texts(const ConfigValue& table, Diagnostics& diagnostics);

/// A table of "path" = [values].
std::vector<Axis> read_grid(const ConfigValue& grid, Diagnostics& diagnostics);

/// The axes' paths by their ends, as short as tells them apart.
std::vector<std::string> short_paths(const std::vector<Axis>& axes);

}  // namespace mixwright::sweep
