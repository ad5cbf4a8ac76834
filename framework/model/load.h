#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "framework/config/loader.h"
#include "framework/config/run_config.h"
#include "framework/model/factory.h"

namespace mixwright::model {

/// A config that was read and checked, and what builds its parts.
struct Loaded {
  config::LoadedConfig file;
  config::RunConfig config;
  std::shared_ptr<PartFactory> factory;
  std::string name() const { return config.name.empty() ? file.path : config.name; }
};

/// Gives the plugins that are searched, `[plugins] path` of a config among them.
using PluginSource =
    std::function<std::shared_ptr<plugin::Registry>(const std::vector<std::string>& config_paths)>;

/// Reads a config, or the config of a run's folder, with its overrides and checks all of it.
/// Warnings are logged. Throws: UsageError with a line for each thing that is wrong.
Loaded load_config(const std::string& path,
                   const std::vector<std::string>& sets,
                   const PluginSource& plugins);

/// The same for a config that was read, or made in code.
Loaded load_config(config::LoadedConfig file, const PluginSource& plugins);

}  // namespace mixwright::model
