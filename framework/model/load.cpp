#include "framework/model/load.h"

#include <filesystem>
#include <utility>

#include <spdlog/spdlog.h>

#include <mixwright/error.h>

namespace mixwright::model {

Loaded load_config(const std::string& path,
                   const std::vector<std::string>& sets,
                   const PluginSource& plugins) {
  const bool is_run = std::filesystem::is_directory(path);
  return load_config(
      config::load(is_run ? (std::filesystem::path(path) / "config.toml").string() : path, sets),
      plugins);
}

Loaded load_config(config::LoadedConfig file, const PluginSource& plugins) {
  Loaded loaded;
  loaded.file = std::move(file);
  const ConfigValue* parts = loaded.file.root.find("parts");
  loaded.factory = std::make_shared<PartFactory>(plugins(config::plugin_paths(loaded.file.root)),
                                                 parts == nullptr ? ConfigValue() : *parts);
  Diagnostics diagnostics;
  loaded.config = config::read_config(loaded.file.root, *loaded.factory, diagnostics);
  diagnostics.throw_if_errors();
  for (const Diagnostics::Entry& warning : diagnostics.warnings()) spdlog::warn(warning.text());
  return loaded;
}

}  // namespace mixwright::model
