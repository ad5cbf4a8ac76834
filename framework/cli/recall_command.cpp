#include <algorithm>
#include <filesystem>
#include <iostream>

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <mixwright/error.h>
#include <mixwright/picture.h>

#include "framework/cli/commands.h"
#include "framework/cli/load.h"
#include "framework/cli/picture_inputs.h"
#include "framework/cli/text_table.h"
#include "framework/cli/training.h"
#include "framework/data/picture_sample.h"
#include "framework/io/safetensors.h"
#include "framework/train/checkpoint_choice.h"
#include "framework/train/metrics_log.h"
#include "framework/train/recall_figure.h"
#include "framework/train/trained_run.h"

namespace mixwright::cli {

namespace {

namespace fs = std::filesystem;

constexpr size_t kMostPictures = 100;
constexpr size_t kMostSamples = 1000;
constexpr size_t kMostColumns = 10;
constexpr size_t kMostRows = 11;

struct RecallArguments {
  std::string run;
  std::vector<std::string> inputs;
  int samples = 0;
  int steps = 20;
  bool plot = false;
  std::string states;
  std::string checkpoint;
  bool invert = false;
  std::vector<std::string> sets;
};

void check(const RecallArguments& arguments) {
  if (arguments.steps < 1) {
    throw UsageError("--steps " + std::to_string(arguments.steps) + ": 1 or more expected");
  }
  if (arguments.inputs.empty() == (arguments.samples == 0)) {
    throw UsageError("pictures to recall from expected: their files, or --samples 10");
  }
  if (arguments.samples < 0 || arguments.samples > static_cast<int>(kMostSamples)) {
    throw UsageError("--samples " + std::to_string(arguments.samples) + ": 1 to " +
                     std::to_string(kMostSamples) + " expected");
  }
}

void require_pictures(const std::string& run, const DatasetInfo& info) {
  if (data::are_pictures(info)) return;
  throw UsageError(run + ": its samples are " + info.input.text() +
                   ", not pictures; recall reads pictures, [height, width, 1 or 3]");
}

void require_moments(const std::string& run, const train::RecallStory& story) {
  if (!story.moments.empty()) return;
  throw UsageError(run +
                   ": its network does not recall; one that does stands as model.network, see "
                   "`mixwright plugins list --kind network`");
}

std::vector<std::string> files_of(const RecallArguments& arguments) {
  const PictureInputs inputs = find_pictures(arguments.inputs);
  if (!inputs.refused.empty()) throw Error(inputs.refused.front().reason);
  if (inputs.files.size() > kMostPictures) {
    throw UsageError(std::to_string(inputs.files.size()) + " pictures named, at most " +
                     std::to_string(kMostPictures) + " are recalled at once");
  }
  return inputs.files;
}

struct Recalled {
  train::RecallStory story;
  std::vector<std::string> files;  // empty: samples of the data
};

Recalled of_files(const RecallArguments& arguments, Globals& globals) {
  Recalled recalled;
  recalled.files = files_of(arguments);
  const train::TrainedRun run = train::load_trained_run(
      arguments.run, arguments.checkpoint, arguments.sets, plugins_of(globals));
  const data::SampleFacts& info = run.predictor->info();
  require_pictures(arguments.run, info);
  train::RecallStory& story = recalled.story;
  std::vector<torch::Tensor> samples;
  for (const std::string& file : recalled.files) {
    samples.push_back(data::picture_sample(read_picture_bytes(file), file, info, arguments.invert));
    story.names.push_back(fs::path(file).filename().string());
  }
  story.moments = run.predictor->recall(torch::stack(samples), arguments.steps);
  return recalled;
}

/// The first samples of the test split, as the run's task prepares them.
Recalled of_samples(const RecallArguments& arguments, Globals& globals) {
  const fs::path checkpoint = train::chosen_checkpoint(arguments.run, arguments.checkpoint);
  const LoadedTraining training =
      build_training(load_config(arguments.run, arguments.sets, globals));
  const train::TrainingParts& parts = training.parts;
  require_pictures(arguments.run, parts.dataset->info());
  train::Checkpoints::load_network(checkpoint, *parts.network, parts.components);
  parts.network->eval();
  const data::SampleSource source = train::test_source(parts);
  std::vector<int64_t> places;
  Recalled recalled;
  train::RecallStory& story = recalled.story;
  for (int64_t i = 0; i < std::min<int64_t>(arguments.samples, source.size()); ++i) {
    places.push_back(i);
    story.names.push_back("sample " + std::to_string(i));
  }
  const Batch batch = source.read(places, {});
  story.moments = train::recalled(*parts.network, batch.inputs.to(parts.device), arguments.steps);
  if (batch.targets.defined() && batch.targets.sizes() == batch.inputs.sizes()) {
    story.originals = batch.targets;
  }
  return recalled;
}

void write_states(const std::string& file, const train::RecallStory& story) {
  std::vector<torch::Tensor> shown;
  std::vector<torch::Tensor> energies;
  std::vector<double> times;
  for (const RecallMoment& moment : story.moments) {
    shown.push_back(moment.shown);
    energies.push_back(moment.energy);
    times.push_back(moment.time);
  }
  io::write_safetensors(file,
                        {{"shown", torch::stack(shown)},
                         {"energy", torch::stack(energies)},
                         {"time", torch::tensor(times, torch::kFloat64)}});
}

nlohmann::ordered_json story_json(const Recalled& recalled) {
  const train::RecallStory& story = recalled.story;
  nlohmann::ordered_json pictures = nlohmann::ordered_json::array();
  nlohmann::ordered_json times = nlohmann::ordered_json::array();
  for (const RecallMoment& moment : story.moments) times.push_back(moment.time);
  for (size_t i = 0; i < story.names.size(); ++i) {
    nlohmann::ordered_json energies = nlohmann::ordered_json::array();
    for (const RecallMoment& moment : story.moments) {
      energies.push_back(
          train::MetricsLog::number(moment.energy[static_cast<int64_t>(i)].item<double>()));
    }
    nlohmann::ordered_json picture;
    if (recalled.files.empty()) {
      picture["sample"] = i;
    } else {
      picture["file"] = recalled.files[i];
    }
    picture["energy"] = energies;
    pictures.push_back(std::move(picture));
  }
  return {{"time", times}, {"pictures", pictures}};
}

/// What a row tells of a moment: each sample's energy or, of many, three of them.
std::vector<std::string> energy_cells(const torch::Tensor& energy) {
  std::vector<double> values;
  for (int64_t i = 0; i < energy.size(0); ++i) values.push_back(energy[i].item<double>());
  if (values.size() > kMostColumns) {
    std::sort(values.begin(), values.end());
    values = {values.front(), values[(values.size() - 1) / 2], values.back()};
  }
  std::vector<std::string> cells;
  for (const double value : values) cells.push_back(fmt::format("{:.6g}", value));
  return cells;
}

/// Time and energies, at most eleven rows.
std::string story_table(const train::RecallStory& story) {
  std::vector<std::vector<std::string>> rows = {{"step", "time"}};
  const std::vector<std::string> names =
      story.names.size() > kMostColumns ? std::vector<std::string>{"least", "median", "greatest"}
                                        : story.names;
  rows.front().insert(rows.front().end(), names.begin(), names.end());
  const size_t last = story.moments.size() - 1;
  const size_t stride = (last + kMostRows - 2) / (kMostRows - 1);
  for (size_t step = 0; step <= last; ++step) {
    if (step % stride != 0 && step != last) continue;
    const RecallMoment& moment = story.moments[step];
    rows.push_back({std::to_string(step), fmt::format("{:.4g}", moment.time)});
    const std::vector<std::string> cells = energy_cells(moment.energy);
    rows.back().insert(rows.back().end(), cells.begin(), cells.end());
  }
  return text_table(rows);
}

std::vector<fs::path> draw(const RecallArguments& arguments, const train::RecallStory& story) {
  const fs::path folder = fs::path(arguments.run) / "plots";
  fs::create_directories(folder);
  const std::vector<fs::path> files = {
      folder / "recall.png", folder / "recall_energy.png", folder / "recall_energy.svg"};
  train::draw_recall(files[0], story);
  train::draw_recall_energy({files[1], files[2]}, story);
  return files;
}

void run_recall(const RecallArguments& arguments, Globals& globals) {
  check(arguments);
  const Recalled recalled =
      arguments.samples > 0 ? of_samples(arguments, globals) : of_files(arguments, globals);
  const train::RecallStory& story = recalled.story;
  require_moments(arguments.run, story);
  if (!arguments.states.empty()) write_states(arguments.states, story);
  std::vector<fs::path> drawn;
  if (arguments.plot) drawn = draw(arguments, story);
  if (globals.json) {
    nlohmann::ordered_json json = story_json(recalled);
    for (const fs::path& file : drawn) json["plots"].push_back(file.string());
    std::cout << json.dump(2) << "\n";
    return;
  }
  std::cout << "energy\n" << story_table(story);
  for (const fs::path& file : drawn) std::cout << "  " << file.string() << "\n";
}

}  // namespace

void add_recall_command(Command program, Globals& globals) {
  Command command = program.subcommand(
      "recall", "what a memory makes of pictures, step by step, with its energy");
  auto arguments = std::make_shared<RecallArguments>();
  command.option("run", arguments->run, "the folder of a run").required();
  command.option("input", arguments->inputs, "JPEG and PNG files, or folders of them");
  command.option("--samples",
                 arguments->samples,
                 "in place of pictures so many samples of the run's own test split, as its task "
                 "shows them: noisy, incomplete");
  command.option("--steps", arguments->steps, "steps in time").show_default();
  command.flag("--plot",
               arguments->plot,
               "also draw the sequence and the energy into the run's plots folder");
  command
      .option("--states",
              arguments->states,
              "also write shown [steps + 1, pictures, height, width, channels], energy and time")
      .type_name("FILE.safetensors");
  command.flag(
      "--invert", arguments->invert, "show the network bright for dark and dark for bright");
  command.checkpoint(arguments->checkpoint);
  command.sets(arguments->sets);
  command.footer(
      R"(  mixwright recall runs/memory noisy.png --steps 30 --plot
  mixwright recall runs/memory noisy.png --set model.network.step_size=0.02
  mixwright recall runs/memory --samples 200 --plot --set train.task.hide=lower

The run's network must be one that runs in time (model.network). Pictures are read as `predict` reads
them.)");
  command.run([arguments, &globals] { run_recall(*arguments, globals); });
}

}  // namespace mixwright::cli
