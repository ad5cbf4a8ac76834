#pragma once

#include <string>
#include <vector>

#include <mixwright/config_value.h>

namespace mixwright::config {

/// A config with everything laid into one tree: bases, overrides, stage defaults.
struct LoadedConfig {
  std::string path;                ///< as the user gave it
  ConfigValue root;                ///< without `extends` and `model.stage_defaults`
  std::vector<std::string> files;  ///< all that were read, bases before those that extend them
};

/// Reads `path`, what it extends, and `--set` texts. Throws a UsageError with the place; what a
/// key means is not looked at here but in read_config.
LoadedConfig load(const std::string& path, const std::vector<std::string>& sets = {});

/// The same for a text that stands in no file; `extends` is relative to the working folder.
LoadedConfig load_text(const std::string& text,
                       const std::string& name,
                       const std::vector<std::string>& sets = {});

/// `[plugins] path` of a loaded config, each relative to the file that it stands in. Needed before
/// anything can be checked, so it ignores what is malformed.
std::vector<std::string> plugin_paths(const ConfigValue& root);

/// `[model] weight_map` of a loaded config, relative to the file that it stands in; "" where there
/// is none.
std::string weight_map_path(const ConfigValue& root);

}  // namespace mixwright::config
