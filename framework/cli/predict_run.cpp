#include "framework/cli/predict_run.h"

#include <mixwright/error.h>

#include "framework/cli/checkpoint_choice.h"
#include "framework/cli/load.h"
#include "framework/data/picture_sample.h"
#include "framework/train/checkpoint.h"
#include "framework/train/device.h"
#include "framework/train/environment.h"
#include "framework/train/input_facts.h"
#include "framework/train/run_folder.h"
#include "framework/train/train_state_file.h"

namespace mixwright::cli {

namespace {

void require_pictures(const std::string& run, const DatasetInfo& info) {
  if (data::are_pictures(info)) return;
  throw UsageError(
      run + ": its samples are " +
      (info.vocabulary > 0 ? "token ids " + list_text(info.input.grid) : info.input.text()) +
      "; predict reads pictures, [height, width, 1 or 3]; `mixwright forward " + run +
      "` runs other tensors through a network");
}

/// What was built, and what a checkpoint remembers of kinds that an answer does without.
std::vector<train::ComponentRevision> components_for(const model::PartFactory& factory,
                                                     const std::filesystem::path& checkpoint) {
  std::vector<train::ComponentRevision> components = train::revisions_of(factory);
  for (const train::ComponentRevision& component :
       train::read_state_file(checkpoint / "state.toml").components) {
    if (component.kind == Dataset::kKind || component.kind == Transform::kKind) {
      components.push_back(component);
    }
  }
  return components;
}

}  // namespace

PredictRun load_predict_run(const std::string& run,
                            const std::string& checkpoint,
                            const std::vector<std::string>& sets,
                            Globals& globals) {
  PredictRun result;
  result.checkpoint = chosen_checkpoint(run, checkpoint);
  train::PredictorParts parts;
  parts.info = train::read_input_facts(run);
  require_pictures(run, parts.info);
  const Loaded loaded = load_config(run, sets, globals);
  if (!loaded.config.train) throw UsageError(loaded.file.path + ": no [train] section");
  const TrainOptions& options = *loaded.config.train;
  parts.device = train::choose_device(options.device);
  parts.bfloat16 = train::use_bfloat16(options.precision, parts.device);
  if (options.threads > 0) at::set_num_threads(static_cast<int>(options.threads));
  parts.task = loaded.factory->make<Task>(options.task.value(), "train.task");
  for (const auto& used : loaded.factory->used()) {
    if (used.kind == Task::kKind) result.task = used.name;
  }
  parts.network = model::assemble(
      loaded.config, model::input_signal(loaded.config, &parts.info), *loaded.factory);
  parts.network->move_to(parts.device);
  result.step =
      train::Checkpoints::load_network(
          result.checkpoint, *parts.network, components_for(*loaded.factory, result.checkpoint))
          .step;
  train::compare_environment(
      train::RunFolder::environment_of(run), result.step, loaded.factory->registry());
  result.predictor = std::make_shared<train::Predictor>(std::move(parts));
  return result;
}

}  // namespace mixwright::cli
