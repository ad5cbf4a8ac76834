#include <filesystem>

#include <spdlog/spdlog.h>

#include "framework/cli/weight_table.h"
#include "framework/cli/weights_files.h"
#include "framework/model/weights.h"
#include "framework/train/checkpoint.h"
#include "framework/train/checkpoint_choice.h"
#include "framework/train/input_facts.h"

namespace mixwright::cli {

namespace {

namespace fs = std::filesystem;

/// The file that holds the weights, and the config that they are for.
struct ExportSource {
  std::string config;
  model::NamedTensors tensors;
  std::string file;
};

/// A run's best or chosen checkpoint, a checkpoint's folder, or a file.
ExportSource read_source(const WeightsArguments& arguments) {
  ExportSource source;
  source.config = arguments.config;
  source.file = arguments.in;
  if (!fs::is_directory(arguments.in)) {
    if (!arguments.checkpoint.empty()) {
      throw UsageError("--checkpoint chooses one of a run's, and " + arguments.in +
                       " is no folder; leave it out");
    }
    if (source.config.empty()) {
      throw UsageError(arguments.in +
                       ": --config FILE expected, the network that these weights are for; a run's "
                       "folder has it itself");
    }
    source.tensors = io::load_safetensors(arguments.in);
    return source;
  }
  if (source.config.empty()) source.config = arguments.in;
  train::SavedWeights weights = train::Checkpoints::read_weights(
      train::chosen_checkpoint(arguments.in, arguments.checkpoint));
  source.file = weights.file.string();
  source.tensors = std::move(weights.tensors);
  return source;
}

/// A run says itself what enters its network: its data need not be there.
LoadedModel load_network(const std::string& config,
                         const std::vector<std::string>& sets,
                         Globals& globals) {
  if (!fs::is_directory(config) || !train::has_input_facts(config)) {
    return load_model(config, sets, globals);
  }
  LoadedModel loaded;
  static_cast<Loaded&>(loaded) = load_config(config, sets, globals);
  const data::SampleFacts info = train::read_input_facts(config);
  loaded.input = model::input_signal(loaded.config, &info);
  loaded.network = model::assemble(loaded.config, loaded.input, *loaded.factory);
  return loaded;
}

}  // namespace

void export_weights(const WeightsArguments& arguments, Globals& globals) {
  const ExportSource source = read_source(arguments);
  const LoadedModel loaded = load_network(source.config, arguments.sets, globals);
  const model::WeightMap map = weight_map_of(arguments.map, loaded);
  const model::WeightMap back = map.inverted();
  // The weights must be the network's, whole, before they are called anything else.
  const model::WeightMap same = model::WeightMap::identity();
  refuse_faults(same.plan(source.tensors, model::state_by_name(*loaded.network)).faults,
                source.file,
                loaded.name(),
                "",
                globals.json);
  const model::WeightPlan plan = back.plan(source.tensors);
  refuse_faults(plan.faults, source.file, map.file(), "", globals.json);

  std::vector<model::NamedTensor> all;
  for (const auto& [name, tensor] : back.apply(source.tensors)) {
    all.emplace_back(map.prefix() + name, tensor);
  }
  for (const std::string& name : plan.dropped) {
    spdlog::info("{} has no place there and is left out", name);
  }
  for (const SourceLocation& place : back.lost()) {
    spdlog::warn("{}: what this rule drops on the way here cannot be written", place.text());
  }
  io::write_safetensors(arguments.out, all, {{"format", "pt"}});
  spdlog::info("wrote {} tensors of {} to {}", all.size(), source.file, arguments.out);
}

}  // namespace mixwright::cli
