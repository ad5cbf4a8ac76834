#include <filesystem>
#include <iostream>
#include <map>

#include <nlohmann/json.hpp>

#include <mixwright/error.h>

#include "framework/cli/commands.h"
#include "framework/sweep/results_figure.h"
#include "framework/sweep/sweep_file.h"
#include "framework/train/curves.h"

namespace mixwright::cli {

namespace {

struct PlotArguments {
  std::vector<std::string> runs;
  std::string output;
  std::string x;
  std::string y = "test";
  std::string series;
  std::string kind = "points";
  bool log_x = false;
  bool log_y = false;
};

void show_files(const std::vector<std::filesystem::path>& files, const Globals& globals) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& file : files) {
    list.push_back(file.string());
    if (!globals.json) std::cout << file.string() << "\n";
  }
  if (globals.json) std::cout << nlohmann::ordered_json{{"files", list}}.dump(2) << "\n";
}

/// The [[figure]]s of a sweep file, or the one that the command line describes.
void plot_results(const PlotArguments& arguments, const Globals& globals) {
  const std::string& given = arguments.runs.front();
  if (arguments.runs.size() != 1) {
    throw UsageError(given + ": a file is drawn alone; folders of runs are drawn together");
  }
  std::vector<sweep::FigureOptions> figures;
  std::string file = given;
  if (given.ends_with(".toml")) {
    const sweep::Sweep sweep = sweep::read_sweep(given);
    figures = sweep.figures;
    file = sweep.results;
    if (figures.empty() || file.empty()) {
      throw UsageError(given + ": a sweep with results = \"FILE.jsonl\" and [[figure]] expected");
    }
  } else {
    if (arguments.x.empty()) {
      throw UsageError(given + ": --x is missing; it says what lies to the right, for example row");
    }
    sweep::FigureOptions figure;
    figure.name = std::filesystem::path(given).stem().string();
    figure.kind = arguments.kind == "bars" ? sweep::FigureKind::kBars : sweep::FigureKind::kPoints;
    figure.x = arguments.x;
    figure.y = arguments.y;
    figure.series = arguments.series;
    figure.log_x = arguments.log_x;
    figure.log_y = arguments.log_y;
    figures.push_back(std::move(figure));
  }
  const sweep::ResultLines lines = sweep::read_results(file);
  const std::filesystem::path folder = arguments.output.empty() ? "plots" : arguments.output;
  std::vector<std::filesystem::path> files;
  for (const sweep::FigureOptions& figure : figures) {
    for (auto& drawn : sweep::draw_results(figure, lines, folder))
      files.push_back(std::move(drawn));
  }
  show_files(files, globals);
}

/// Runs of the same folder name are called as they were given.
void tell_apart(std::vector<train::RunCurves>& curves, const std::vector<std::string>& given) {
  std::map<std::string, int> count;
  for (const train::RunCurves& run : curves) ++count[run.name];
  for (size_t i = 0; i < curves.size(); ++i) {
    if (count[curves[i].name] > 1) curves[i].name = given[i];
  }
}

void run_plot(const PlotArguments& arguments, Globals& globals) {
  if (std::filesystem::is_regular_file(arguments.runs.front())) {
    return plot_results(arguments, globals);
  }
  std::vector<train::RunCurves> curves;
  for (const std::string& run : arguments.runs) curves.push_back(train::read_curves(run));
  tell_apart(curves, arguments.runs);
  const bool single = curves.size() == 1;
  std::filesystem::path folder = arguments.output;
  if (folder.empty()) {
    folder = single ? std::filesystem::path(arguments.runs.front()) / "plots"
                    : std::filesystem::path("plots");
  }
  show_files(train::draw_curves(curves, folder, single ? "curves" : "comparison"), globals);
}

}  // namespace

void add_plot_command(Command program, Globals& globals) {
  Command command = program.subcommand(
      "plot", "draw curves of runs over one another, or a sweep's results, as PNG and SVG");
  auto arguments = std::make_shared<PlotArguments>();
  command.option("runs", arguments->runs, "folders of runs; or a sweep, or its file of results")
      .required();
  command.option("--out",
                 arguments->output,
                 "folder to write to; else the run's plots/, or ./plots for several runs");
  command.option("--x", arguments->x, "of results: what lies to the right, such as a setting");
  command.option("--y", arguments->y, "of results: what lies above").show_default();
  command.option("--series", arguments->series, "of results: the setting that has a colour each");
  command.option("--kind", arguments->kind, "of results: how they are shown")
      .choices({"points", "bars"})
      .show_default();
  command.flag("--log-x", arguments->log_x, "of results: powers of ten at equal distances");
  command.flag("--log-y", arguments->log_y, "the same of y");
  command.footer(
      "Loss, the task's decisive metric, learning rate and samples per second over epochs. Of "
      "several runs each has a colour: thin for training, thick for validation.\n\n"
      "  mixwright plot runs/first\n"
      "  mixwright plot runs/first runs/second --out pictures\n\n"
      "Of a sweep's results: means over seeds with 95 % confidence intervals. A sweep file draws "
      "all "
      "its [[figure]]s.\n\n"
      "  mixwright plot configs/studies/NAME.toml --out pictures\n"
      "  mixwright plot docs/results/NAME.jsonl --x penalty --series mixer --log-x");
  command.run([arguments, &globals] { run_plot(*arguments, globals); });
}

}  // namespace mixwright::cli
