#include <filesystem>
#include <iostream>
#include <map>

#include <nlohmann/json.hpp>

#include <mixwright/error.h>

#include "framework/cli/commands.h"
#include "framework/train/curves.h"

namespace mixwright::cli {

namespace {

struct PlotArguments {
  std::vector<std::string> runs;
  std::string output;
};

/// Runs of the same folder name are called as they were given.
void tell_apart(std::vector<train::RunCurves>& curves, const std::vector<std::string>& given) {
  std::map<std::string, int> count;
  for (const train::RunCurves& run : curves) ++count[run.name];
  for (size_t i = 0; i < curves.size(); ++i) {
    if (count[curves[i].name] > 1) curves[i].name = given[i];
  }
}

void run_plot(const PlotArguments& arguments, Globals& globals) {
  std::vector<train::RunCurves> curves;
  for (const std::string& run : arguments.runs) curves.push_back(train::read_curves(run));
  tell_apart(curves, arguments.runs);
  const bool single = curves.size() == 1;
  std::filesystem::path folder = arguments.output;
  if (folder.empty()) {
    folder = single ? std::filesystem::path(arguments.runs.front()) / "plots"
                    : std::filesystem::path("plots");
  }
  nlohmann::ordered_json files = nlohmann::ordered_json::array();
  for (const auto& file : train::draw_curves(curves, folder, single ? "curves" : "comparison")) {
    files.push_back(file.string());
    if (!globals.json) std::cout << file.string() << "\n";
  }
  if (globals.json) std::cout << nlohmann::ordered_json{{"files", files}}.dump(2) << "\n";
}

}  // namespace

void add_plot_command(Command program, Globals& globals) {
  Command command = program.subcommand(
      "plot", "draw the curves of a run, or of several over one another, as PNG and SVG");
  auto arguments = std::make_shared<PlotArguments>();
  command.option("runs", arguments->runs, "folders of runs").required();
  command.option("--out",
                 arguments->output,
                 "folder to write to; else the run's plots/, or ./plots for several runs");
  command.footer(
      "Loss, the task's decisive metric, learning rate and samples per second over epochs. Of "
      "several runs each has a colour: thin for training, thick for validation.\n\n"
      "  mixwright plot runs/first\n"
      "  mixwright plot runs/first runs/second --out pictures");
  command.run([arguments, &globals] { run_plot(*arguments, globals); });
}

}  // namespace mixwright::cli
