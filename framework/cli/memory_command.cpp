#include <algorithm>
#include <filesystem>
#include <iostream>

#include <mixwright/error.h>

#include "framework/cli/commands.h"
#include "framework/cli/memory_report.h"
#include "framework/cli/training.h"
#include "framework/data/picture_sample.h"
#include "framework/train/checkpoint_choice.h"
#include "framework/train/device.h"
#include "framework/train/environment.h"
#include "framework/train/run_folder.h"
#include "framework/train/text_table.h"

namespace mixwright::cli {

namespace fs = std::filesystem;

namespace {

struct MemoryArguments {
  std::string run;
  int stage = -1;
  int block = -1;
  std::string part;
  std::string split = "test";
  int top = 8;
  int keys = 12;
  std::vector<std::string> key;
  std::string output;
  std::string checkpoint;
  std::vector<std::string> sets;
};

void check(const MemoryArguments& arguments) {
  if (arguments.top < 1) {
    throw UsageError("--top " + std::to_string(arguments.top) + ": 1 or more pictures expected");
  }
  if (arguments.keys < 0) {
    throw UsageError("--keys " + std::to_string(arguments.keys) +
                     ": 1 or more keys expected, or 0 for all");
  }
}

/// `index` of `count`, or the last one where none was said.
int64_t chosen_index(int index, size_t count, const std::string& option) {
  if (index < 0) return static_cast<int64_t>(count) - 1;
  if (static_cast<size_t>(index) < count) return index;
  throw UsageError(option + " " + std::to_string(index) + ": there are " + std::to_string(count) +
                   ", counted from 0");
}

std::string listed(const std::vector<train::FoundMemory>& all) {
  constexpr size_t kMost = 6;
  std::string text;
  for (size_t i = 0; i < std::min(all.size(), kMost); ++i) {
    text += (i == 0 ? "" : ", ") + all[i].path;
  }
  return text + (all.size() > kMost ? ", …" : "");
}

train::FoundMemory part_named(const std::vector<train::FoundMemory>& all, const std::string& name) {
  for (const train::FoundMemory& found : all) {
    if (found.path == name || found.module == name) return found;
  }
  throw UsageError("--part " + name + " is no key-value memory of this network; it has " +
                   listed(all));
}

/// The memory of a block: the outermost one, of several the last, which is its channel mixer's.
train::FoundMemory chosen_memory(const model::Network& network, const MemoryArguments& arguments) {
  const std::vector<train::FoundMemory> all = train::memories_of(network);
  if (all.empty()) {
    throw UsageError(arguments.run +
                     ": none of its layers can be read as a memory of keys and values; a layer "
                     "says so by deriving from mixwright::KeyValueMemory");
  }
  if (!arguments.part.empty()) return part_named(all, arguments.part);
  const int64_t stage = chosen_index(arguments.stage, network.stages().size(), "--stage");
  const auto& blocks = network.stages()[static_cast<size_t>(stage)]->blocks();
  const int64_t block = chosen_index(arguments.block, blocks.size(), "--block");
  const std::string name =
      "stage[" + std::to_string(stage) + "].block[" + std::to_string(block) + "]";
  const train::FoundMemory* best = nullptr;
  const auto depth = [](const train::FoundMemory& found) {
    return std::count(found.module.begin(), found.module.end(), '.');
  };
  for (const train::FoundMemory& found : all) {
    if (!found.path.starts_with(name + ".")) continue;
    if (best == nullptr || depth(found) <= depth(*best)) best = &found;
  }
  if (best != nullptr) return *best;
  throw UsageError(name +
                   " holds no layer that can be read as a memory of keys and values; these "
                   "can be named by --part: " +
                   listed(all));
}

void require_places(const train::FoundMemory& found, const DatasetInfo& info) {
  if (!data::are_pictures(info)) {
    throw UsageError("the samples are " + info.input.text() +
                     "; memory shows pictures, [height, width, 1 or 3]");
  }
  const std::vector<int64_t>& grid = found.layer->out_shape().places();
  if (grid.size() == 2) return;
  throw UsageError(found.path + ": its grid " + list_text(grid) +
                   " has no places in a picture; choose another block or --part");
}

std::vector<int64_t> chosen_keys(const train::MemorySurvey& survey,
                                 const MemoryArguments& arguments) {
  std::vector<int64_t> keys;
  for (const std::string& text : arguments.key) {
    const bool number =
        !text.empty() && text.size() < 10 &&
        std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    const int64_t key = number ? std::stoll(text) : -1;
    if (key < 0 || key >= static_cast<int64_t>(survey.keys.size())) {
      throw UsageError("--key " + text + ": a number from 0 to " +
                       std::to_string(survey.keys.size() - 1) + " expected");
    }
    keys.push_back(key);
  }
  return keys.empty() ? train::strongest_keys(survey, arguments.keys) : keys;
}

/// How far it is, in words.
class Phases {
 public:
  explicit Phases(const Globals& globals)
      : progress_(train::Progress::fitting_mode(globals.quiet || globals.json)) {}
  void show(const std::string& phase, int64_t step, int64_t steps) {
    if (!progress_.due()) return;
    train::ProgressFacts facts;
    facts.phase = phase;
    facts.step = step;
    facts.steps = steps;
    progress_.show(facts);
  }
  void clear() { progress_.clear(); }

 private:
  train::Progress progress_;
};

MemoryFindings find_out(const MemoryArguments& arguments,
                        const train::TrainingParts& parts,
                        const data::SampleSource& source,
                        Phases& phases) {
  MemoryFindings findings;
  findings.run = arguments.run;
  findings.split = arguments.split;
  findings.found = chosen_memory(*parts.network, arguments);
  require_places(findings.found, parts.dataset->info());
  train::SurveyOptions options;
  options.top = arguments.top;
  options.device = parts.device;
  options.progress = [&](int64_t batch, int64_t batches) {
    phases.show(arguments.split, batch, batches);
  };
  findings.survey = train::survey_memory(*parts.network, findings.found, source, options);
  for (const int64_t key : chosen_keys(findings.survey, arguments)) {
    findings.shown.push_back(findings.survey.keys[static_cast<size_t>(key)]);
  }
  findings.effects =
      train::key_effects(*parts.network, findings.found, source, findings.shown, parts.device);
  findings.projected = train::projected_values(*parts.network, findings.found, findings.shown);
  return findings;
}

void run_memory(const MemoryArguments& arguments, Globals& globals) {
  check(arguments);
  train::keep_freed_memory();
  const fs::path checkpoint = train::chosen_checkpoint(arguments.run, arguments.checkpoint);
  const LoadedTraining training =
      build_training(load_config(arguments.run, arguments.sets, globals));
  const train::TrainingParts& parts = training.parts;
  const train::TrainState state =
      train::Checkpoints::load_network(checkpoint, *parts.network, parts.components);
  train::compare_environment(
      train::RunFolder::environment_of(arguments.run), state.step, training.factory->registry());
  Phases phases(globals);
  const data::SampleSource source = source_of_split(parts, arguments.split);
  MemoryFindings findings = find_out(arguments, parts, source, phases);
  findings.checkpoint = checkpoint;
  findings.step = state.step;
  const fs::path folder = arguments.output.empty()
                              ? fs::path(arguments.run) / "memory" / findings.found.module
                              : fs::path(arguments.output);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(folder.string() + ": cannot be made (" + error.message() + ")");
  const auto sheets = static_cast<int64_t>(findings.shown.size());
  const nlohmann::ordered_json json =
      write_memory(findings, *parts.dataset, source.split, folder, [&](int64_t sheet) {
        phases.show("sheets", sheet, sheets);
      });
  phases.clear();
  if (globals.json) {
    std::cout << json.dump(2) << "\n";
    return;
  }
  std::cout << train::table_text(memory_table(findings, parts.dataset->info())) << "\n"
            << sheets << (sheets == 1 ? " sheet" : " sheets") << " and memory.json in "
            << folder.string() << "\n";
}

}  // namespace

void add_memory_command(Command program, Globals& globals) {
  Command command = program.subcommand(
      "memory", "a channel mixer as a memory: what triggers its keys, what their values add");
  auto arguments = std::make_shared<MemoryArguments>();
  command.option("run", arguments->run, "the folder of a run").required();
  command.option("--stage", arguments->stage, "counted from 0; the last where nothing is said");
  command.option("--block", arguments->block, "of the stage, counted from 0; its last");
  command.option("--part", arguments->part, "a memory by its path, in place of stage and block");
  command.option("--split", arguments->split, "what to look for triggers in")
      .choices({"test", "validation", "train"})
      .show_default();
  command.option("--top", arguments->top, "pictures for each key").show_default();
  command.option("--keys", arguments->keys, "this many sheets, of the strongest keys; 0: of all")
      .show_default();
  command.option(
      "--key", arguments->key, "a key by its number, in place of the strongest; may repeat");
  command.option("--out", arguments->output, "folder for the sheets; RUN/memory/PART")
      .type_name("FOLDER");
  command.checkpoint(arguments->checkpoint);
  command.sets(arguments->sets);
  command.footer(
      R"(  mixwright memory runs/first
  mixwright memory runs/first --stage 0 --block 1 --keys 20
  mixwright memory runs/first --key 17 --key 203 --out keys

Each hidden unit of a feed-forward layer has a key, which looks for something in a place of the
picture, and a value, which is added to that place as much as was found (arXiv:2012.14913,
arXiv:2406.02021). A sheet shows the pictures that trigger the key most, the place framed, and what
the value adds to the score of each class: the score less what it is without this key, over those
pictures. All numbers lie in memory.json.)");
  command.run([arguments, &globals] { run_memory(*arguments, globals); });
}

}  // namespace mixwright::cli
