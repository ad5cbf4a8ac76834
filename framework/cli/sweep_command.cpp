#include <algorithm>
#include <filesystem>
#include <memory>

#include <spdlog/spdlog.h>

#include <mixwright/error.h>

#include "framework/cli/commands.h"
#include "framework/cli/sweep_report.h"
#include "framework/cli/training.h"
#include "framework/config/defaults.h"
#include "framework/model/summary.h"
#include "framework/sweep/runner.h"
#include "framework/sweep/sweep_file.h"
#include "framework/train/config_difference.h"
#include "framework/train/run_folder.h"
#include "framework/train/signals.h"

namespace mixwright::cli {

namespace fs = std::filesystem;

namespace {

using sweep::Job;
using sweep::PreparedRow;
using sweep::Sweep;
using sweep::SweepFolder;

struct SweepArguments {
  std::string file;
  std::vector<std::string> sets;
  std::string output;
  int jobs = 1;
  bool fail_fast = false;
  bool dry_run = false;
  bool quick = false;
  bool no_training = false;
  std::string results;
};

/// Reads, checks and builds a group's config without its weights, so that what does not fit is
/// known before hours are spent on the rows before it.
PreparedRow prepare(const sweep::Row& row, Globals& globals) {
  const LoadedModel loaded = load_unbuilt(row.config, row.sets, globals);
  if (!loaded.config.train) {
    throw UsageError(row.config + ": no [train] section; it says how to train");
  }
  const model::Summary summary = model::summarize(loaded.config, loaded.input, *loaded.factory);
  return {resolved_config(loaded),
          sweep::config_hash(loaded.file.root),
          loaded.config.train->epochs,
          summary.parameters,
          summary.macs};
}

/// All rows' configs; what is wrong with any of them is said in one go.
std::vector<PreparedRow> prepare_all(const Sweep& sweep, Globals& globals) {
  std::vector<PreparedRow> prepared;
  std::string errors;
  std::optional<size_t> group;
  for (const sweep::Row& row : sweep.rows) {
    if (group == row.group) {
      prepared.push_back(prepared.back());
    } else {
      prepared.emplace_back();
      try {
        prepared.back() = prepare(row, globals);
      } catch (const UsageError& error) {
        errors += (errors.empty() ? "" : "\n") + row.name + ": " + error.what();
      }
    }
    group = row.group;
    prepared.back().config.set("seed", row.seed);
  }
  if (!errors.empty()) throw UsageError(errors);
  return prepared;
}

/// A row that was begun with other settings is not mixed with this one's.
void compare_with_runs(const Sweep& sweep,
                       const std::vector<PreparedRow>& prepared,
                       const fs::path& folder,
                       Globals& globals) {
  for (size_t i = 0; i < sweep.rows.size(); ++i) {
    const fs::path run = folder / sweep.rows[i].name;
    if (!train::RunFolder::holds_run(run)) continue;
    const Loaded before = load_config(run.string(), {}, globals);
    const auto difference = train::first_difference(resolved_config(before), prepared[i].config);
    if (!difference) continue;
    throw UsageError(run.string() + ": was begun with " + difference->path + " = " +
                     difference->before + ", now it is " + difference->now +
                     "; choose another folder with --out, or remove this row's");
  }
}

std::vector<std::string> states_of(const Sweep& sweep, const fs::path& folder) {
  std::vector<std::string> states;
  for (const sweep::Row& row : sweep.rows) {
    const fs::path run = folder / row.name;
    states.emplace_back(train::RunFolder::is_finished(run) ? "finished"
                        : train::RunFolder::holds_run(run) ? "begun"
                                                           : "to do");
  }
  return states;
}

std::vector<Job> jobs_of(const Sweep& sweep,
                         const std::vector<PreparedRow>& prepared,
                         const SweepFolder& folder) {
  std::vector<Job> jobs;
  for (size_t i = 0; i < sweep.rows.size(); ++i) {
    Job job;
    job.row = sweep.rows[i];
    job.epochs = prepared[i].epochs;
    if (folder.is_finished(job.row)) job.state = Job::State::kFinished;
    jobs.push_back(std::move(job));
  }
  return jobs;
}

/// What is left to say about the rows that are not finished.
void report_rest(const std::vector<Job>& jobs, int signal, Globals& globals) {
  const auto is = [](Job::State state) {
    return [state](const Job& job) { return job.state == state; };
  };
  const auto failed = std::count_if(jobs.begin(), jobs.end(), is(Job::State::kFailed));
  const auto finished = std::count_if(jobs.begin(), jobs.end(), is(Job::State::kFinished));
  const auto open = static_cast<std::ptrdiff_t>(jobs.size()) - failed - finished;
  if (open > 0) spdlog::warn("{} rows are not finished; the same call goes on with them", open);
  if (failed > 0) spdlog::error("{} rows failed; the same call tries them again", failed);
  if (failed > 0) globals.exit_code = 1;
  if (signal != 0) globals.exit_code = train::stop_exit_code(signal);
}

void run_sweep(const SweepArguments& arguments, Globals& globals) {
  if (arguments.jobs < 1) {
    throw UsageError("--jobs " + std::to_string(arguments.jobs) + ": 1 or more expected");
  }
  Sweep sweep = sweep::read_sweep(arguments.file,
                                  arguments.sets,
                                  arguments.quick ? sweep::Extent::kQuick : sweep::Extent::kWhole);
  if (!arguments.results.empty()) sweep.results = arguments.results;
  const fs::path path =
      arguments.output.empty() ? fs::path("runs") / sweep.name : fs::path(arguments.output);
  const std::vector<PreparedRow> prepared = prepare_all(sweep, globals);
  compare_with_runs(sweep, prepared, path, globals);
  if (arguments.dry_run) return list_rows(sweep, states_of(sweep, path), globals);

  const SweepFolder folder(path);
  std::vector<Job> jobs = jobs_of(sweep, prepared, folder);
  sweep::RunnerOptions options;
  options.at_once = arguments.jobs;
  options.fail_fast = arguments.fail_fast;
  options.quiet = globals.quiet || globals.json;
  options.more_words = globals.plugin_words();
  spdlog::info("{}: {} rows, {} at a time, in {}",
               sweep.name,
               sweep.rows.size(),
               arguments.jobs,
               path.string());
  const int signal = arguments.no_training ? 0 : sweep::Runner(folder, jobs, options).run();
  report_sweep(sweep, folder, jobs, prepared, globals);
  report_rest(jobs, signal, globals);
}

constexpr const char* kFooter = R"(A sweep file says what to try:

  config = "../quickstart.toml"      # relative to this file
  seeds = [1, 2, 3]
  set = { "train.epochs" = 2 }       # for all rows
  [grid]                             # every combination
  "model.stage[0].token_mixer" = ["NAME", { type = "OTHER", ratio = 0.5 }]
  "train.optimizer.lr" = [1e-3, 3e-3]
  [[row]]                            # variations that are no grid; each with the whole grid
  name = "deep"
  config = "../other.toml"           # where it is not the one above
  set = { "model.stage[0].depth" = 8 }
  grid = { "train.optimizer.lr" = [1e-4] }   # in place of the sweep's values
  values = { depth = 8 }             # what tables and figures know the row by
  [quick]                            # what --quick changes, to try it all in seconds
  seeds = [1]
  set = { "data.limit_train" = 512 } # over all that rows set; rows = [names], grid = {...} thin out

All rows are checked before the first is trained. Each is a training of its own in the sweep's
folder, runs/NAME, on its share of the processors. Killed at any moment, the same call goes on: a
finished row is never trained again, a row that was begun is resumed, a failed one is tried again.
At the end, and of what there is when it is stopped: table.md, results.jsonl, comparison.png. With
results = "FILE.jsonl" the file says where finished rows are kept for good: each once, those of
other settings replaced, other sweeps' left alone. --quick goes to runs/NAME-quick and keeps none.
Exit code: 0 all rows finished, 1 some failed, 2 wrong file, 143 or 130 stopped by a signal.)";

}  // namespace

void add_sweep_command(Command program, Globals& globals) {
  Command command = program.subcommand(
      "sweep", "train a grid or list of variations and seeds, resumable, with a table at the end");
  auto arguments = std::make_shared<SweepArguments>();
  command.option("file", arguments->file, "what to try").required().type_name("FILE");
  command.option("--out", arguments->output, "the sweep's folder; runs/NAME where not given");
  command.option("--jobs", arguments->jobs, "trainings at a time").show_default();
  command.flag("--fail-fast", arguments->fail_fast, "stop all at the first failure");
  command.flag("--dry-run", arguments->dry_run, "check everything and list the rows");
  command.flag("--quick", arguments->quick, "the small sweep of the file's [quick] table");
  command.flag("--no-training",
               arguments->no_training,
               "train nothing, make tables, results and pictures of what is finished");
  command
      .option("--results",
              arguments->results,
              "keep what finished rows came to in this file too, in place of the sweep's own")
      .type_name("FILE");
  command.sets(arguments->sets);
  command.footer(kFooter);
  command.run([arguments, &globals] { run_sweep(*arguments, globals); });
}

}  // namespace mixwright::cli
