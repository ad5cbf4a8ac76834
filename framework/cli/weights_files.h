#pragma once

#include <string>
#include <utility>
#include <vector>

#include "framework/cli/load.h"
#include "framework/io/safetensors.h"
#include "framework/model/weight_map.h"

namespace mixwright::cli {

/// What `weights import` and `weights export` are asked for.
struct WeightsArguments {
  std::string map;
  std::string config;
  std::vector<std::string> sets;
  std::string prefix;      ///< import: of the file's names
  std::string checkpoint;  ///< export: of a run
  std::string in;
  std::string out;
  bool adapt = false;
};

void import_weights(const WeightsArguments& arguments, Globals& globals);
void export_weights(const WeightsArguments& arguments, Globals& globals);

/// The map that was named, or else the config's `model.weight_map`. Throws UsageError for neither.
model::WeightMap weight_map_of(const std::string& named, const Loaded& loaded);

/// Names, shapes and types of a file without its values, on the meta device.
model::NamedTensors shapes_of(const io::SafetensorsFile& file);

}  // namespace mixwright::cli
