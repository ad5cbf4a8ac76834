#include "framework/train/trained_run.h"

#include <utility>

#include <mixwright/error.h>

#include "framework/model/assemble.h"
#include "framework/train/checkpoint.h"
#include "framework/train/checkpoint_choice.h"
#include "framework/train/device.h"
#include "framework/train/environment.h"
#include "framework/train/input_facts.h"
#include "framework/train/run_folder.h"
#include "framework/train/train_state_file.h"

namespace mixwright::train {

namespace {

/// What was built, and what a checkpoint remembers of kinds that an answer does without.
std::vector<ComponentRevision> answering_components(const model::PartFactory& factory,
                                                    const std::filesystem::path& checkpoint) {
  std::vector<ComponentRevision> components = revisions_of(factory);
  for (const ComponentRevision& component : read_state_file(checkpoint / "state.toml").components) {
    if (component.kind == Dataset::kKind || component.kind == Transform::kKind) {
      components.push_back(component);
    }
  }
  return components;
}

}  // namespace

TrainedRun load_trained_run(const std::string& run,
                            const std::string& checkpoint,
                            const std::vector<std::string>& sets,
                            const model::PluginSource& plugins) {
  TrainedRun result;
  result.checkpoint = chosen_checkpoint(run, checkpoint);
  PredictorParts parts;
  parts.info = read_input_facts(run);
  const model::Loaded loaded = model::load_config(run, sets, plugins);
  if (!loaded.config.train) throw UsageError(loaded.file.path + ": no [train] section");
  const TrainOptions& options = *loaded.config.train;
  parts.device = choose_device(options.device);
  parts.bfloat16 = use_bfloat16(options.precision, parts.device);
  if (options.threads > 0) at::set_num_threads(static_cast<int>(options.threads));
  parts.task = loaded.factory->make<Task>(options.task.value(), "train.task");
  for (const auto& used : loaded.factory->used()) {
    if (used.kind == Task::kKind) result.task = used.name;
  }
  parts.network = model::assemble(
      loaded.config, model::input_signal(loaded.config, &parts.info), *loaded.factory);
  parts.network->move_to(parts.device);
  result.step = Checkpoints::load_network(result.checkpoint,
                                          *parts.network,
                                          answering_components(*loaded.factory, result.checkpoint))
                    .step;
  compare_environment(RunFolder::environment_of(run), result.step, loaded.factory->registry());
  result.predictor = std::make_shared<Predictor>(std::move(parts));
  return result;
}

}  // namespace mixwright::train
