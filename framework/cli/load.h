#pragma once

#include <memory>
#include <string>
#include <vector>

#include <mixwright/dataset.h>

#include "framework/cli/globals.h"
#include "framework/model/assemble.h"
#include "framework/model/load.h"
#include "framework/model/network.h"
#include "framework/model/weight_map.h"

namespace mixwright::cli {

using model::Loaded;

/// A config with what enters its network, which may not be built yet.
struct LoadedModel : Loaded {
  std::shared_ptr<Dataset> dataset;  ///< null where model.input says what enters
  model::InputSignal input;
  std::shared_ptr<model::Network> network;
};

/// The plugins that the command line and a config name, for what reads configs. `globals` outlives
/// it.
model::PluginSource plugins_of(Globals& globals);

/// model::load_config with the plugins that the command line names.
Loaded load_config(const std::string& path, const std::vector<std::string>& sets, Globals& globals);

/// The same, and looks at the data where they alone say what enters. The network is null.
LoadedModel load_unbuilt(const std::string& path,
                         const std::vector<std::string>& sets,
                         Globals& globals);

/// The same, and builds the network, from the config's seed.
LoadedModel load_model(const std::string& path,
                       const std::vector<std::string>& sets,
                       Globals& globals);

/// `x`, or the only tensor of a file. Throws: mixwright::Error where there are others.
torch::Tensor input_tensor(const model::NamedTensors& tensors, const std::string& file);

}  // namespace mixwright::cli
