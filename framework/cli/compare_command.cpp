#include <cmath>
#include <filesystem>
#include <iostream>
#include <memory>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <mixwright/error.h>

#include "framework/cli/commands.h"
#include "framework/cli/training.h"
#include "framework/sweep/results_table.h"
#include "framework/train/comparison.h"
#include "framework/train/run_folder.h"
#include "framework/train/text_table.h"

namespace mixwright::cli {

namespace {

using nlohmann::ordered_json;
using train::RunGroup;
using train::RunOutcome;

struct CompareArguments {
  std::vector<std::string> runs;
  std::string output;
  std::string against;
};

/// The config with all defaults said, so that a run from before an option was there equals one that
/// gives its default; as it stands where a plugin of it is not at hand.
ConfigValue config_of(const std::string& run, Globals& globals) {
  if (!train::RunFolder::holds_run(run)) {
    throw UsageError(run + ": has no config.toml; the folder of a training expected");
  }
  try {
    return resolved_config(load_config(run, {}, globals));
  } catch (const Error& error) {
    spdlog::warn("{}: compared without its defaults: {}", run, first_line(error.what()));
    return config::load((std::filesystem::path(run) / "config.toml").string()).root;
  }
}

std::string seconds_text(const std::optional<double>& seconds) {
  return seconds ? fmt::format("{:.1f}", *seconds) : "-";
}

std::string step_text(double step) {
  return std::to_string(std::llround(step));
}

Table groups_table(const std::vector<RunGroup>& groups) {
  const Metric& metric = groups.front().runs.front().best;
  Table table;
  table.title =
      metric.name + " on validation and test data: mean ± 95 % confidence interval (Student t)";
  table.columns = {"group",
                   "runs",
                   "best " + metric.name,
                   "last " + metric.name,
                   "test " + metric.name,
                   "best step",
                   "last step",
                   "seconds"};
  for (const RunGroup& group : groups) {
    const auto test = group.test();
    table.rows.push_back({group.label,
                          std::to_string(group.runs.size()),
                          train::interval_text(metric, group.best()),
                          train::interval_text(metric, group.last()),
                          test ? train::interval_text(metric, *test) : "-",
                          step_text(group.mean_best_step()),
                          step_text(group.mean_last_step()),
                          seconds_text(group.mean_seconds())});
  }
  return table;
}

Table runs_table(const std::vector<RunGroup>& groups) {
  Table table;
  table.title = "Runs";
  table.columns = {
      "run", "group", "seed", "best", "last", "test", "best step", "last step", "seconds"};
  for (const RunGroup& group : groups) {
    for (const RunOutcome& run : group.runs) {
      table.rows.push_back({run.run.string(),
                            group.label,
                            run.seed,
                            train::metric_text(run.best),
                            train::metric_text(run.last),
                            run.test ? train::metric_text(*run.test) : "-",
                            std::to_string(run.best_step),
                            std::to_string(run.last_step),
                            seconds_text(run.seconds)});
    }
  }
  return table;
}

std::string settings_text(const std::vector<RunGroup>& groups) {
  if (groups.size() == 1) {
    return "All runs have the same settings, apart from the seed and what changes no result.\n";
  }
  constexpr size_t kWidest = 40;
  Table table;
  table.title = "Settings that differ";
  table.columns = {"setting"};
  for (const RunGroup& group : groups) table.columns.push_back(group.label);
  for (const train::DifferingSetting& setting : train::differing_settings(groups)) {
    std::vector<std::string> row = {setting.path};
    for (const std::string& value : setting.values) {
      row.push_back(value.size() <= kWidest ? value : value.substr(0, kWidest - 3) + "...");
    }
    table.rows.push_back(std::move(row));
  }
  return train::table_text(table);
}

/// What makes the numbers say less than they seem to.
void warn_of_doubts(const std::vector<RunGroup>& groups) {
  for (const RunGroup& group : groups) {
    for (size_t i = 0; i < group.runs.size(); ++i) {
      const RunOutcome& run = group.runs[i];
      if (!run.finished) {
        spdlog::warn("{}: its training has not ended, it counts as it stands at step {}",
                     run.run.string(),
                     run.last_step);
      }
      for (size_t j = 0; j < i; ++j) {
        if (group.runs[j].seed != run.seed) continue;
        spdlog::warn("{} and {} have the same seed, so the interval of group {} tells too little",
                     group.runs[j].run.string(),
                     run.run.string(),
                     group.label);
      }
    }
  }
}

ordered_json interval_json(const train::MeanInterval& interval) {
  ordered_json json = {{"mean", interval.mean}, {"half_interval", nullptr}};
  if (interval.half) json["half_interval"] = *interval.half;
  return json;
}

/// Groups of a file of results.
ordered_json results_json(const sweep::ResultLines& lines) {
  ordered_json json = {{"confidence", train::kConfidence}, {"groups", ordered_json::array()}};
  for (const sweep::ResultGroup& group : sweep::group_results(lines)) {
    ordered_json entry = {{"sweep", group.first()["sweep"]},
                          {"settings", group.first()["settings"]},
                          {"seeds", group.lines.size()}};
    for (const char* key : {"test", "best", "last"}) {
      const auto mean = group.mean(key);
      entry[key] = mean ? interval_json(*mean) : ordered_json();
    }
    json["groups"].push_back(std::move(entry));
  }
  return json;
}

ordered_json run_json(const RunOutcome& run) {
  ordered_json json = {{"run", run.run.string()},
                       {"seed", run.seed},
                       {"best", run.best.value},
                       {"last", run.last.value},
                       {"test", nullptr},
                       {"best_step", run.best_step},
                       {"last_step", run.last_step},
                       {"seconds", nullptr},
                       {"finished", run.finished}};
  if (run.seconds) json["seconds"] = *run.seconds;
  if (run.test) json["test"] = run.test->value;
  return json;
}

ordered_json comparison_json(const std::vector<RunGroup>& groups) {
  const Metric& metric = groups.front().runs.front().best;
  ordered_json json = {{"metric", metric.name},
                       {"higher_is_better", metric.higher_is_better},
                       {"confidence", train::kConfidence},
                       {"groups", ordered_json::array()},
                       {"differing_settings", ordered_json::object()}};
  for (const RunGroup& group : groups) {
    ordered_json entry = {{"group", group.label},
                          {"best", interval_json(group.best())},
                          {"last", interval_json(group.last())},
                          {"test", nullptr},
                          {"best_step", group.mean_best_step()},
                          {"last_step", group.mean_last_step()},
                          {"seconds", nullptr},
                          {"runs", ordered_json::array()}};
    if (const auto seconds = group.mean_seconds()) entry["seconds"] = *seconds;
    if (const auto test = group.test()) entry["test"] = interval_json(*test);
    for (const RunOutcome& run : group.runs) entry["runs"].push_back(run_json(run));
    json["groups"].push_back(std::move(entry));
  }
  for (const train::DifferingSetting& setting : train::differing_settings(groups)) {
    for (size_t i = 0; i < groups.size(); ++i) {
      json["differing_settings"][setting.path][groups[i].label] = setting.values[i];
    }
  }
  return json;
}

void compare_results(const CompareArguments& arguments, const Globals& globals) {
  if (arguments.runs.size() != 1 || !arguments.output.empty()) {
    throw UsageError(arguments.runs.front() +
                     ": a file of results is compared alone and not drawn here; `mixwright plot` " +
                     "draws it");
  }
  const sweep::ResultLines lines = sweep::read_results(arguments.runs.front());
  if (globals.json) {
    std::cout << results_json(lines).dump(2) << "\n";
    return;
  }
  Table table = sweep::results_table(lines, arguments.against);
  if (table.columns.empty()) throw UsageError(arguments.runs.front() + ": holds no row yet");
  table.title = "Mean ± 95 % confidence interval over seeds (Student t; differences: Welch)";
  std::cout << train::table_text(table);
}

void run_compare(const CompareArguments& arguments, Globals& globals) {
  if (std::filesystem::is_regular_file(arguments.runs.front())) {
    return compare_results(arguments, globals);
  }
  std::vector<RunOutcome> runs;
  for (const std::string& run : arguments.runs) {
    runs.push_back(train::read_outcome(run, config_of(run, globals)));
  }
  const std::vector<RunGroup> groups = train::group_runs(std::move(runs));
  warn_of_doubts(groups);
  if (!arguments.output.empty()) train::draw_comparison(groups, arguments.output);
  if (globals.json) {
    ordered_json json = comparison_json(groups);
    if (!arguments.output.empty()) json["plot"] = arguments.output;
    std::cout << json.dump(2) << "\n";
    return;
  }
  std::cout << train::table_text(groups_table(groups)) << "\n"
            << settings_text(groups) << "\n"
            << train::table_text(runs_table(groups));
  if (!arguments.output.empty()) std::cout << "\nDrawn: " << arguments.output << "\n";
}

}  // namespace

void add_compare_command(Command program, Globals& globals) {
  Command command = program.subcommand(
      "compare", "what runs came to: means over seeds with confidence intervals, and what differs");
  auto arguments = std::make_shared<CompareArguments>();
  command.option("runs", arguments->runs, "folders of runs, or a sweep's file of results")
      .required();
  command
      .option("--against",
              arguments->against,
              "of a file of results: also how much each row's test differs from this one's")
      .type_name("ROW");
  command.option("--out", arguments->output, "also draw the means as bars, to a .png or .svg")
      .type_name("FILE");
  command.footer(
      R"(Runs are a group where their configs say the same apart from the seed and from what changes no
result (name, device, threads, workers, checkpoints, ...). Each group has the mean of the task's
decisive metric on the validation data, at its best and its last validation, and the 95 % confidence
interval of that mean by Student's t distribution. It needs two runs; of two it is 12.7 standard
errors wide to each side, of three 4.3, of five 2.8. Two groups whose intervals do not overlap differ
by more than chance. The best of many validations flatters; the last and the test, which finished runs
have, do not.

  mixwright train configs/quickstart.toml --set seed=1 --out runs/mlp-1
  mixwright train configs/quickstart.toml --set seed=2 --out runs/mlp-2
  mixwright train configs/quickstart.toml --set model.stage[0].token_mixer=NAME --out runs/other-1
  mixwright compare runs/mlp-1 runs/mlp-2 runs/other-1 --out comparison.svg
  mixwright compare docs/results/NAME.jsonl --against ROW)");
  command.run([arguments, &globals] { run_compare(*arguments, globals); });
}

}  // namespace mixwright::cli
