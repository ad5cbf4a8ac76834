#include <filesystem>
#include <iostream>

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <mixwright/error.h>
#include <mixwright/picture.h>

#include "framework/cli/commands.h"
#include "framework/cli/picture_inputs.h"
#include "framework/cli/text_table.h"
#include "framework/data/picture_sample.h"
#include "framework/io/safetensors.h"
#include "framework/train/metrics_log.h"
#include "framework/train/recall_figure.h"
#include "framework/train/trained_run.h"

namespace mixwright::cli {

namespace {

namespace fs = std::filesystem;

constexpr size_t kMostPictures = 100;
constexpr size_t kMostRows = 11;

struct RecallArguments {
  std::string run;
  std::vector<std::string> inputs;
  int steps = 20;
  bool plot = false;
  std::string states;
  std::string checkpoint;
  bool invert = false;
  std::vector<std::string> sets;
};

std::vector<std::string> files_of(const RecallArguments& arguments) {
  if (arguments.steps < 1) {
    throw UsageError("--steps " + std::to_string(arguments.steps) + ": 1 or more expected");
  }
  const PictureInputs inputs = find_pictures(arguments.inputs);
  if (!inputs.refused.empty()) throw Error(inputs.refused.front().reason);
  if (inputs.files.size() > kMostPictures) {
    throw UsageError(std::to_string(inputs.files.size()) + " pictures named, at most " +
                     std::to_string(kMostPictures) + " are recalled at once");
  }
  return inputs.files;
}

train::RecallStory recalled(const RecallArguments& arguments,
                            const train::TrainedRun& run,
                            const std::vector<std::string>& files) {
  const data::SampleFacts& info = run.predictor->info();
  if (!data::are_pictures(info)) {
    throw UsageError(arguments.run + ": its samples are " + info.input.text() +
                     ", not pictures; recall reads pictures, [height, width, 1 or 3]");
  }
  train::RecallStory story;
  std::vector<torch::Tensor> samples;
  for (const std::string& file : files) {
    samples.push_back(data::picture_sample(read_picture_bytes(file), file, info, arguments.invert));
    story.names.push_back(fs::path(file).filename().string());
  }
  story.moments = run.predictor->recall(torch::stack(samples), arguments.steps);
  if (story.moments.empty()) {
    throw UsageError(arguments.run +
                     ": its network does not recall; one that does stands as model.network, see "
                     "`mixwright plugins list --kind network`");
  }
  return story;
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

nlohmann::ordered_json story_json(const train::RecallStory& story,
                                  const std::vector<std::string>& files) {
  nlohmann::ordered_json pictures = nlohmann::ordered_json::array();
  nlohmann::ordered_json times = nlohmann::ordered_json::array();
  for (const RecallMoment& moment : story.moments) times.push_back(moment.time);
  for (size_t i = 0; i < files.size(); ++i) {
    nlohmann::ordered_json energies = nlohmann::ordered_json::array();
    for (const RecallMoment& moment : story.moments) {
      energies.push_back(
          train::MetricsLog::number(moment.energy[static_cast<int64_t>(i)].item<double>()));
    }
    pictures.push_back({{"file", files[i]}, {"energy", energies}});
  }
  return {{"time", times}, {"pictures", pictures}};
}

/// Time and energy of each picture, at most eleven rows.
std::string story_table(const train::RecallStory& story) {
  std::vector<std::vector<std::string>> rows = {{"step", "time"}};
  for (const std::string& name : story.names) rows.front().push_back(name);
  const size_t last = story.moments.size() - 1;
  const size_t stride = (last + kMostRows - 2) / (kMostRows - 1);
  for (size_t step = 0; step <= last; ++step) {
    if (step % stride != 0 && step != last) continue;
    const RecallMoment& moment = story.moments[step];
    rows.push_back({std::to_string(step), fmt::format("{:.4g}", moment.time)});
    for (int64_t i = 0; i < moment.energy.size(0); ++i) {
      rows.back().push_back(fmt::format("{:.6g}", moment.energy[i].item<double>()));
    }
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
  const std::vector<std::string> files = files_of(arguments);
  const train::TrainedRun run =
      train::load_trained_run(arguments.run,
                              arguments.checkpoint,
                              arguments.sets,
                              [&globals](const std::vector<std::string>& config_paths) {
                                return globals.registry(config_paths);
                              });
  const train::RecallStory story = recalled(arguments, run, files);
  if (!arguments.states.empty()) write_states(arguments.states, story);
  std::vector<fs::path> drawn;
  if (arguments.plot) drawn = draw(arguments, story);
  if (globals.json) {
    nlohmann::ordered_json json = story_json(story, files);
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
  command.option("input", arguments->inputs, "JPEG and PNG files, or folders of them").required();
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

The run's network must be one that runs in time (model.network). Pictures are read as `predict` reads
them.)");
  command.run([arguments, &globals] { run_recall(*arguments, globals); });
}

}  // namespace mixwright::cli
