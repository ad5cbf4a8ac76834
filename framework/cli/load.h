#pragma once

#include <memory>
#include <string>
#include <vector>

#include <mixwright/dataset.h>

#include "framework/cli/globals.h"
#include "framework/config/loader.h"
#include "framework/config/run_config.h"
#include "framework/model/assemble.h"
#include "framework/model/factory.h"
#include "framework/model/network.h"

namespace mixwright::cli {

/// A config that was read, checked and built.
struct Loaded {
  config::LoadedConfig file;
  config::RunConfig config;
  std::shared_ptr<model::PartFactory> factory;
  std::string name() const { return config.name.empty() ? file.path : config.name; }
};

/// A config with what enters its network, which may not be built yet.
struct LoadedModel : Loaded {
  std::shared_ptr<Dataset> dataset;  ///< null where model.input says what enters
  model::InputSignal input;
  std::shared_ptr<model::Network> network;
};

/// Reads a config, or the config of a run's folder, with its overrides and checks all of it.
/// Warnings are logged. Throws: UsageError with a line for each thing that is wrong.
Loaded load_config(const std::string& path, const std::vector<std::string>& sets, Globals& globals);

/// The same, and looks at the data where they alone say what enters. The network is null.
LoadedModel load_unbuilt(const std::string& path,
                         const std::vector<std::string>& sets,
                         Globals& globals);

/// The same, and builds the network, from the config's seed.
LoadedModel load_model(const std::string& path,
                       const std::vector<std::string>& sets,
                       Globals& globals);

}  // namespace mixwright::cli
