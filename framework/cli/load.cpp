#include "framework/cli/load.h"

#include <filesystem>

#include <spdlog/spdlog.h>

#include <mixwright/error.h>

namespace mixwright::cli {

Loaded load_config(const std::string& path,
                   const std::vector<std::string>& sets,
                   Globals& globals) {
  const bool is_run = std::filesystem::is_directory(path);
  Loaded loaded;
  loaded.file =
      config::load(is_run ? (std::filesystem::path(path) / "config.toml").string() : path, sets);
  const ConfigValue* parts = loaded.file.root.find("parts");
  loaded.factory =
      std::make_shared<model::PartFactory>(globals.registry(config::plugin_paths(loaded.file.root)),
                                           parts == nullptr ? ConfigValue() : *parts);
  Diagnostics diagnostics;
  loaded.config = config::read_config(loaded.file.root, *loaded.factory, diagnostics);
  diagnostics.throw_if_errors();
  for (const Diagnostics::Entry& warning : diagnostics.warnings()) spdlog::warn(warning.text());
  return loaded;
}

LoadedModel load_unbuilt(const std::string& path,
                         const std::vector<std::string>& sets,
                         Globals& globals) {
  LoadedModel loaded;
  static_cast<Loaded&>(loaded) = load_config(path, sets, globals);
  if (!loaded.config.model.input && !loaded.config.dataset.is_nothing()) {
    loaded.dataset = loaded.factory->make<Dataset>(loaded.config.dataset, "data");
  }
  loaded.input =
      model::input_signal(loaded.config, loaded.dataset ? &loaded.dataset->info() : nullptr);
  return loaded;
}

LoadedModel load_model(const std::string& path,
                       const std::vector<std::string>& sets,
                       Globals& globals) {
  LoadedModel loaded = load_unbuilt(path, sets, globals);
  torch::manual_seed(static_cast<uint64_t>(loaded.config.seed));
  loaded.network = model::assemble(loaded.config, loaded.input, *loaded.factory);
  return loaded;
}

}  // namespace mixwright::cli
