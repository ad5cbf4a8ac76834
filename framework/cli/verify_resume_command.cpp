#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <set>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <mixwright/error.h>

#include "framework/cli/commands.h"
#include "framework/io/child_process.h"
#include "framework/train/checkpoint.h"
#include "framework/train/checkpoint_difference.h"

namespace mixwright::cli {

namespace fs = std::filesystem;

namespace {

struct VerifyArguments {
  std::string config;
  std::vector<std::string> sets;
  std::string output;
  int steps = 24;
};

/// Runs this program's `train` to its end or to `stop_after`; its output goes to a file beside the
/// run.
void train(const fs::path& run,
           const std::vector<std::string>& what,
           int64_t stop_after,
           const Globals& globals) {
  std::vector<std::string> words = {"train"};
  words.insert(words.end(), what.begin(), what.end());
  words.insert(words.end(),
               {"--out", run.string(), "--stop-after", std::to_string(stop_after), "--quiet"});
  const std::vector<std::string> plugins = globals.plugin_words();
  words.insert(words.end(), plugins.begin(), plugins.end());
  const fs::path messages = run.string() + ".log";
  const int code = io::run_child(io::own_program().string(), words, messages);
  if (code != 0) {
    throw Error("the training in " + run.string() + " ended with code " + std::to_string(code) +
                ": " + io::last_line(messages));
  }
}

/// Where to stop on the way to `steps`: after the first step, unevenly in between, before the last.
std::set<int64_t> stops(int64_t steps) {
  std::set<int64_t> result;
  for (const int64_t stop : {int64_t{1}, steps / 3, steps / 2 + 1, steps - 1}) {
    if (stop >= 1 && stop < steps) result.insert(stop);
  }
  return result;
}

fs::path last_of(const fs::path& run) {
  const auto last = train::Checkpoints(run).find("last");
  if (!last) throw Error(run.string() + ": has no checkpoint");
  return *last;
}

void verify(const VerifyArguments& arguments, Globals& globals) {
  if (arguments.steps < 2) {
    throw UsageError("--steps " + std::to_string(arguments.steps) +
                     ": 2 or more expected, or there is nothing to stop between");
  }
  const fs::path folder =
      arguments.output.empty()
          ? fs::temp_directory_path() / ("mixwright-verify-" + std::to_string(::getpid()))
          : fs::path(arguments.output);
  if (fs::exists(folder) && !fs::is_empty(folder)) {
    throw UsageError(folder.string() + ": holds something; give an empty folder with --out");
  }
  fs::create_directories(folder);
  std::vector<std::string> what = {arguments.config};
  for (const std::string& set : arguments.sets) what.insert(what.end(), {"--set", set});
  const std::set<int64_t> places = stops(arguments.steps);
  spdlog::info("training {} steps without a stop", arguments.steps);
  train(folder / "whole", what, arguments.steps, globals);
  spdlog::info("training them again, stopped and resumed after steps {}", fmt::join(places, ", "));
  const fs::path cut = folder / "stopped";
  bool begun = false;
  for (int64_t stop : places) {
    train(cut, begun ? std::vector<std::string>{cut.string(), "--resume"} : what, stop, globals);
    begun = true;
  }
  train(cut, {cut.string(), "--resume"}, arguments.steps, globals);
  const std::string difference =
      train::checkpoint_difference(last_of(folder / "whole"), last_of(cut));
  if (globals.json) {
    std::cout << nlohmann::ordered_json{{"equal", difference.empty()},
                                        {"steps", arguments.steps},
                                        {"stops", places},
                                        {"difference", difference}}
                     .dump(2)
              << "\n";
  }
  if (!difference.empty()) {
    throw Error("a resumed training ends elsewhere: " + difference + "; both runs lie in " +
                folder.string() +
                "; a component that draws outside of LibTorch's generators or keeps something that "
                "is no parameter and no buffer would do that");
  }
  if (!globals.json) {
    std::cout << fmt::format(
        "bit-equal: stopped and resumed after steps {}, the training stands after step {} where it "
        "stands without a stop\n",
        fmt::join(places, ", "),
        arguments.steps);
  }
  if (arguments.output.empty()) fs::remove_all(folder);
}

}  // namespace

void add_verify_resume_command(Command program, Globals& globals) {
  Command command = program.subcommand(
      "verify-resume", "prove that a stopped and resumed training ends as one that never stopped");
  auto arguments = std::make_shared<VerifyArguments>();
  command.option("config", arguments->config, "a config").required();
  command.sets(arguments->sets);
  command.option("--steps", arguments->steps, "steps to train, each way").show_default();
  command.option(
      "--out", arguments->output, "where both runs stay; a temporary folder where not given");
  command.footer(
      "Trains the first steps of the config twice in processes of their own, once without a stop "
      "and once stopped and resumed several times, and compares the checkpoints bit for bit: "
      "weights, moments, averages, random generators, position. Exit code 1 where they differ.");
  command.run([arguments, &globals] { verify(*arguments, globals); });
}

}  // namespace mixwright::cli
