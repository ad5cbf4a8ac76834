#include <filesystem>
#include <iostream>
#include <optional>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <mixwright/error.h>

#include "framework/cli/commands.h"
#include "framework/cli/train_report.h"
#include "framework/cli/training.h"
#include "framework/config/defaults.h"
#include "framework/config/toml_writer.h"
#include "framework/io/atomic_file.h"
#include "framework/io/child_process.h"
#include "framework/train/config_difference.h"
#include "framework/train/device.h"
#include "framework/train/environment.h"
#include "framework/train/figure.h"
#include "framework/train/input_facts.h"
#include "framework/train/signals.h"
#include "framework/train/start_weights.h"
#include "framework/train/stored_samples.h"
#include "framework/train/text_table.h"

namespace mixwright::cli {

namespace fs = std::filesystem;

namespace {

struct TrainArguments {
  std::string config;
  std::vector<std::string> sets;
  std::string output;
  bool resume = false;
  int stop_after = 0;
  int stop_with = 0;
};

fs::path output_folder(const TrainArguments& arguments, const Loaded& loaded) {
  if (!arguments.output.empty()) return arguments.output;
  if (fs::is_directory(arguments.config)) return arguments.config;
  const std::string name =
      loaded.config.name.empty() ? fs::path(arguments.config).stem().string() : loaded.config.name;
  return fs::path("runs") / name;
}

train::RunFolder reopen(const fs::path& path) {
  train::RunFolder folder = train::RunFolder::reopen(path);
  train::Checkpoints(path).remove_leftovers();
  train::remove_unfinished_figures(folder.plots());
  return folder;
}

/// A resumed run keeps its config; what must not change has not changed.
void compare_with_run(const train::RunFolder& folder, const Loaded& loaded) {
  const config::LoadedConfig before = config::load(folder.config().string());
  const auto difference = train::first_difference(
      config::with_defaults(before.root, *loaded.factory), resolved_config(loaded));
  if (!difference) return;
  throw UsageError(folder.config().string() + ": " + difference->path + " was " +
                   difference->before + " and is now " + difference->now +
                   "; a resumed run must stay the same, so undo that, or start a new run with "
                   "another --out");
}

/// Restores the last checkpoint. Tensors are compared before configs: a checkpoint of another
/// architecture is named by its first tensor.
void resume(train::Trainer& trainer, const train::RunFolder& folder, const Loaded& loaded) {
  const auto last = train::Checkpoints(folder.path()).find("last");
  if (last) trainer.resume(*last);
  compare_with_run(folder, loaded);
  if (last) {
    spdlog::info("resuming {} at step {} of {}",
                 folder.path().string(),
                 trainer.state().step,
                 trainer.steps());
  } else {
    spdlog::info("{} has no checkpoint yet: starting from the beginning", folder.path().string());
  }
}

/// What a training begins with beside initialised weights: samples that are stored, or the weights
/// of an earlier one, which win.
void begin(const LoadedTraining& training) {
  if (const int64_t stored = train::store_samples(training.parts)) {
    spdlog::info("the network stores {} training samples", stored);
  }
  const StartOptions& start = training.parts.options.start;
  if (start.from.empty()) {
    if (start.except.empty()) return;
    throw UsageError(
        "train.start.except is given without train.start.from; name a run's folder or "
        "a safetensors file there");
  }
  const train::StartReport report = train::take_start_weights(*training.parts.network, start);
  spdlog::info("beginning with {} tensors of {}; {} begin fresh{}{}",
               report.taken,
               report.file,
               report.fresh.size(),
               report.fresh.empty() ? "" : ": ",
               fmt::join(report.fresh, ", "));
}

void run_train(const TrainArguments& arguments, Globals& globals) {
  if (arguments.stop_with != 0) io::end_with_parent(arguments.stop_with);
  train::keep_freed_memory();
  if (fs::is_directory(arguments.config) && !arguments.resume) {
    throw UsageError(
        arguments.config +
        ": a run's folder; go on with it by --resume, or give a config to start a run");
  }
  Loaded loaded = load_config(arguments.config, arguments.sets, globals);
  train::choose_device(loaded.config.train ? loaded.config.train->device : "auto");
  const fs::path path = output_folder(arguments, loaded);
  // A wrong folder is reported before data are read; a new one is made when they could be.
  std::optional<train::RunFolder> existing;
  if (arguments.resume) {
    existing.emplace(reopen(path));
  } else {
    train::RunFolder::check_free(path);
  }
  LoadedTraining training = build_training(std::move(loaded));
  training.parts.stop_after = arguments.stop_after;
  add_teacher(training, globals);
  if (!train::Checkpoints(path).find("last")) begin(training);
  // From the first file on a signal leaves a run to go on with; before it there is nothing to keep.
  const train::StopSignals signals;
  const train::RunFolder folder = existing ? std::move(*existing) : train::RunFolder::create(path);
  train::Progress progress(train::Progress::fitting_mode(globals.quiet || globals.json));
  train::Trainer trainer(training.parts, folder, progress);
  if (arguments.resume) {
    resume(trainer, folder, training);
  } else {
    io::write_text_file_atomically(folder.config(), config::to_toml(resolved_config(training)));
  }
  if (!train::has_input_facts(folder.path())) {
    train::write_input_facts(folder.path(), data::SampleFacts(*training.parts.dataset));
  }
  train::Environment environment;
  environment.command_line = globals.command_line;
  environment.seed = training.parts.seed;
  environment.device = training.parts.device;
  environment.from_step = trainer.state().step;
  train::record_environment(folder.environment(), environment, training.factory->registry());
  announce(training, trainer, folder);

  const train::TrainingResult result = trainer.run();
  if (result.stopped) {
    if (result.stop_signal != 0) globals.exit_code = train::stop_exit_code(result.stop_signal);
    report_stop(result, trainer, folder, globals);
    return;
  }
  report_end(result, training, folder, globals);
}

}  // namespace

void add_train_command(Command program, Globals& globals) {
  Command command = program.subcommand("train", "train the network of a config");
  auto arguments = std::make_shared<TrainArguments>();
  command.option("config", arguments->config, "a config; with --resume also a run's folder")
      .required();
  command.sets(arguments->sets);
  command.option("--out", arguments->output, "the run's folder; runs/NAME where not given");
  command.flag(
      "--resume", arguments->resume, "go on with the run in that folder from its last checkpoint");
  command.option("--stop-after",
                 arguments->stop_after,
                 "write a checkpoint after this step and stop, as SIGTERM would; 0: at the end");
  command.option("--stop-with",
                 arguments->stop_with,
                 "process that started this one: stop, as by SIGTERM, when it ends; 0: go on");
  command.footer(
      "SIGTERM and SIGINT write a checkpoint first; the exit code is then 143 or 130, and --resume "
      "goes on.");
  command.run([arguments, &globals] { run_train(*arguments, globals); });
}

}  // namespace mixwright::cli
