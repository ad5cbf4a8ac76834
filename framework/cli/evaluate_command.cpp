#include <iostream>

#include <nlohmann/json.hpp>

#include <mixwright/error.h>

#include "framework/cli/commands.h"
#include "framework/cli/tables.h"
#include "framework/cli/training.h"
#include "framework/train/checkpoint_choice.h"
#include "framework/train/device.h"
#include "framework/train/environment.h"
#include "framework/train/run_folder.h"
#include "framework/train/text_table.h"

namespace mixwright::cli {

namespace {

struct EvaluateArguments {
  std::string run;
  std::string split = "test";
  std::string checkpoint;
  std::vector<std::string> sets;
};

/// Measures, tables and where their pictures lie.
void show(const EvaluateArguments& arguments,
          const Globals& globals,
          const std::filesystem::path& checkpoint,
          int64_t step,
          const train::Evaluation& evaluation) {
  const std::vector<DrawnPicture> drawn =
      draw_pictures(evaluation,
                    std::filesystem::path(arguments.run) / "plots",
                    arguments.split == "test" ? "" : "-" + arguments.split);
  if (globals.json) {
    nlohmann::ordered_json json = {{"run", arguments.run},
                                   {"split", arguments.split},
                                   {"checkpoint", checkpoint.string()},
                                   {"step", step}};
    json.update(evaluation_json(evaluation));
    json["plots"] = nlohmann::ordered_json::array();
    for (const DrawnPicture& picture : drawn) {
      for (const auto& file : picture.files) json["plots"].push_back(file.string());
    }
    std::cout << json.dump(2) << "\n";
    return;
  }
  std::cout << train::table_text(
      metrics_table(checkpoint.string() + ", " +
                        train::count_text(static_cast<double>(evaluation.samples)) + " samples",
                    {{arguments.split, step, evaluation.metrics}}));
  std::cout << tables_text(evaluation.tables);
  for (const DrawnPicture& picture : drawn) {
    std::cout << "\n" << picture.title << " drawn:\n";
    for (const auto& file : picture.files) std::cout << "  " << file.string() << "\n";
  }
}

void run_evaluate(const EvaluateArguments& arguments, Globals& globals) {
  train::keep_freed_memory();
  const std::filesystem::path folder =
      train::chosen_checkpoint(arguments.run, arguments.checkpoint);
  const LoadedTraining training =
      build_training(load_config(arguments.run, arguments.sets, globals));
  const train::TrainState state =
      train::Checkpoints::load_network(folder, *training.parts.network, training.parts.components);
  train::compare_environment(
      train::RunFolder::environment_of(arguments.run), state.step, training.factory->registry());
  train::Progress progress(train::Progress::fitting_mode(globals.quiet || globals.json));
  train::EvaluationOptions options;
  options.device = training.parts.device;
  options.bfloat16 = training.parts.bfloat16;
  options.workers = std::min<int64_t>(1, training.parts.options.workers);
  options.progress = [&](int64_t batch, int64_t batches) {
    if (!progress.due()) return;
    train::ProgressFacts facts;
    facts.phase = arguments.split;
    facts.step = batch;
    facts.steps = batches;
    progress.show(facts);
  };
  const train::Evaluation evaluation =
      *train::evaluate(*training.parts.network,
                       *training.parts.task,
                       source_of_split(training.parts, arguments.split),
                       options);
  progress.clear();
  show(arguments, globals, folder, state.step, evaluation);
}

}  // namespace

void add_evaluate_command(Command program, Globals& globals) {
  Command command = program.subcommand("evaluate", "measure a trained network");
  auto arguments = std::make_shared<EvaluateArguments>();
  command.option("run", arguments->run, "the folder of a run").required();
  command.option("--split", arguments->split, "what to measure on")
      .choices({"test", "validation", "train"})
      .show_default();
  command.checkpoint(arguments->checkpoint);
  command.sets(arguments->sets);
  command.footer(
      "Shows the task's metrics and tables. A table that is a matrix, such as the confusion matrix "
      "of a classification, is also drawn: RUN/plots/confusion.png and .svg. So are sheets of "
      "pictures that a task shows.");
  command.run([arguments, &globals] { run_evaluate(*arguments, globals); });
}

}  // namespace mixwright::cli
