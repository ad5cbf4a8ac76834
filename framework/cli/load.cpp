#include "framework/cli/load.h"

#include "framework/model/dataset.h"

namespace mixwright::cli {

model::PluginSource plugins_of(Globals& globals) {
  return [&globals](const std::vector<std::string>& config_paths) {
    return globals.registry(config_paths);
  };
}

Loaded load_config(const std::string& path,
                   const std::vector<std::string>& sets,
                   Globals& globals) {
  return model::load_config(path, sets, plugins_of(globals));
}

LoadedModel load_unbuilt(const std::string& path,
                         const std::vector<std::string>& sets,
                         Globals& globals) {
  LoadedModel loaded;
  static_cast<Loaded&>(loaded) = load_config(path, sets, globals);
  if (!loaded.config.model.input && !loaded.config.dataset.is_nothing()) {
    loaded.dataset = model::make_dataset(loaded.config, *loaded.factory);
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

torch::Tensor input_tensor(const model::NamedTensors& tensors, const std::string& file) {
  if (const auto x = tensors.find("x"); x != tensors.end()) return x->second;
  if (tensors.size() == 1) return tensors.begin()->second;
  throw Error(file + ": a tensor named \"x\" expected, " + std::to_string(tensors.size()) +
              " others found");
}

}  // namespace mixwright::cli
