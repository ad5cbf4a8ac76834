#include "framework/cli/sweep_report.h"

#include <algorithm>
#include <iostream>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <mixwright/error.h>

#include "framework/cli/text_table.h"
#include "framework/io/atomic_file.h"
#include "framework/sweep/latency.h"
#include "framework/sweep/results_figure.h"
#include "framework/sweep/results_file.h"
#include "framework/train/comparison.h"
#include "framework/train/curves.h"
#include "framework/train/signals.h"
#include "framework/train/text_table.h"

namespace mixwright::cli {

namespace {

using nlohmann::ordered_json;
using sweep::Job;
using sweep::Sweep;
using sweep::SweepFolder;
using train::RunGroup;
using train::RunOutcome;

constexpr size_t kMostCurves = 12;  // that can be told apart in one picture

std::string group_label(const Sweep& sweep, size_t group) {
  const std::vector<std::string>& values = sweep.groups[group].values;
  return values.empty() ? sweep.name : fmt::format("{}", fmt::join(values, ", "));
}

/// Adds each group's latency to its lines.
void add_latency(const Sweep& sweep,
                 const SweepFolder& folder,
                 sweep::ResultLines& lines,
                 const Globals& globals) {
  const sweep::Row* first = nullptr;
  ordered_json latency;
  for (ordered_json& line : lines) {
    const auto row = std::find_if(sweep.rows.begin(), sweep.rows.end(), [&](const auto& each) {
      return line["row"] == each.name;
    });
    if (first == nullptr || first->group != row->group) {
      first = &*std::find_if(sweep.rows.begin(), sweep.rows.end(), [&](const auto& each) {
        return each.group == row->group;
      });
      latency = sweep::latency_of(*first, folder.path(), globals.plugin_words());
    }
    line["latency_ms"] = latency;
  }
}

struct Finished {
  std::vector<RunGroup> groups;  // of rows that are finished, in the order of the file
  std::vector<size_t> which;     // groups of the sweep
  sweep::ResultLines lines;
};

Finished read_finished(const Sweep& sweep,
                       const SweepFolder& folder,
                       const std::vector<Job>& jobs,
                       const std::vector<sweep::PreparedRow>& prepared) {
  Finished finished;
  for (size_t i = 0; i < jobs.size(); ++i) {
    const sweep::Row& row = jobs[i].row;
    if (jobs[i].state != Job::State::kFinished) continue;
    RunOutcome outcome = train::read_outcome(folder.run(row), prepared[i].config);
    finished.lines.push_back(sweep::result_line(sweep, row, prepared[i], outcome));
    if (finished.which.empty() || finished.which.back() != row.group) {
      finished.which.push_back(row.group);
      finished.groups.push_back({group_label(sweep, row.group), {}});
    }
    finished.groups.back().runs.push_back(std::move(outcome));
  }
  return finished;
}

std::vector<std::vector<std::string>> table_of(const Sweep& sweep, const Finished& finished) {
  const Metric& metric = finished.groups.front().runs.front().best;
  std::vector<std::vector<std::string>> rows(1, sweep.columns);
  if (sweep.columns.empty()) rows.front().emplace_back("sweep");
  for (const char* head : {"runs", "best ", "last ", "test ", "seconds"}) {
    const std::string text = head;
    rows.front().push_back(text.back() == ' ' ? text + metric.name : text);
  }
  for (size_t i = 0; i < finished.groups.size(); ++i) {
    const RunGroup& group = finished.groups[i];
    std::vector<std::string> row = sweep.groups[finished.which[i]].values;
    if (row.empty()) row.push_back(sweep.name);
    const auto test = group.test();
    const auto seconds = group.mean_seconds();
    row.push_back(std::to_string(group.runs.size()));
    row.push_back(train::interval_text(metric, group.best()));
    row.push_back(train::interval_text(metric, group.last()));
    row.push_back(test ? train::interval_text(metric, *test) : "-");
    row.push_back(seconds ? fmt::format("{:.1f}", *seconds) : "-");
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<sweep::ExpectedRow> expected_rows(const Sweep& sweep,
                                              const std::vector<sweep::PreparedRow>& prepared) {
  std::vector<sweep::ExpectedRow> expected;
  for (size_t i = 0; i < sweep.rows.size(); ++i) {
    expected.push_back({sweep.rows[i].name, prepared[i].config_sha256});
  }
  return expected;
}

/// A sweep is not lost for want of a picture.
std::vector<std::string> draw(const Sweep& sweep,
                              const SweepFolder& folder,
                              const Finished& finished) {
  std::vector<std::string> files;
  try {
    for (const char* name : {"comparison.png", "comparison.svg"}) {
      train::draw_comparison(finished.groups, folder.path() / name, train::Names::kLabelsAlone);
      files.push_back((folder.path() / name).string());
    }
    for (const sweep::FigureOptions& figure : sweep.figures) {
      for (const auto& file : sweep::draw_results(figure, finished.lines, folder.path())) {
        files.push_back(file.string());
      }
    }
    std::vector<train::RunCurves> curves;
    for (const RunGroup& group : finished.groups) {
      for (const RunOutcome& run : group.runs) {
        if (run.last_step > 0) curves.push_back(train::read_curves(run.run));
      }
    }
    if (curves.empty() || curves.size() > kMostCurves) return files;
    for (const auto& file : train::draw_curves(curves, folder.path(), "curves")) {
      files.push_back(file.string());
    }
  } catch (const Error& error) {
    spdlog::warn("not all pictures were drawn: {}; the same call draws them later", error.what());
  }
  return files;
}

ordered_json failures_of(const std::vector<Job>& jobs) {
  ordered_json failures = ordered_json::array();
  for (const Job& job : jobs) {
    if (job.state == Job::State::kFailed) {
      failures.push_back({{"row", job.row.name}, {"message", job.failure}});
    }
  }
  return failures;
}

}  // namespace

void report_sweep(const Sweep& sweep,
                  const SweepFolder& folder,
                  const std::vector<Job>& jobs,
                  const std::vector<sweep::PreparedRow>& prepared,
                  const Globals& globals) {
  Finished finished = read_finished(sweep, folder, jobs, prepared);
  if (sweep.latency && train::stop_signal() == 0) {
    add_latency(sweep, folder, finished.lines, globals);
  }
  std::vector<std::string> files;
  std::vector<std::vector<std::string>> table;
  if (!finished.groups.empty()) {
    table = table_of(sweep, finished);
    files = {(folder.path() / "table.md").string(), (folder.path() / "results.jsonl").string()};
    io::write_text_file_atomically(files[0], train::markdown_table(table));
    io::write_text_file_atomically(files[1], sweep::results_text(finished.lines));
    if (!sweep.results.empty()) {
      sweep::keep_results(
          sweep.results, sweep.name, expected_rows(sweep, prepared), finished.lines);
      files.push_back(sweep.results);
    }
    for (std::string& file : draw(sweep, folder, finished)) files.push_back(std::move(file));
  }
  if (globals.json) {
    const ordered_json json = {{"sweep", sweep.name},
                               {"folder", folder.path().string()},
                               {"rows", jobs.size()},
                               {"finished", finished.lines},
                               {"failed", failures_of(jobs)},
                               {"files", files}};
    std::cout << json.dump(2) << "\n";
    return;
  }
  std::cout << sweep.name << ": " << finished.lines.size() << " of " << jobs.size()
            << " rows finished\n";
  if (table.empty()) return;
  std::cout << "\n" << text_table(table) << "\nmean ± 95 % confidence interval over seeds\n\n";
  for (const std::string& file : files) std::cout << "  " << file << "\n";
}

void list_rows(const Sweep& sweep, const std::vector<std::string>& states, const Globals& globals) {
  if (globals.json) {
    ordered_json json = ordered_json::array();
    for (size_t i = 0; i < sweep.rows.size(); ++i) {
      const sweep::Row& row = sweep.rows[i];
      json.push_back({{"row", row.name},
                      {"config", row.config},
                      {"set", row.sets},
                      {"seed", row.seed},
                      {"state", states[i]}});
    }
    std::cout << json.dump(2) << "\n";
    return;
  }
  std::vector<std::vector<std::string>> table = {{"row", "config", "state"}};
  for (size_t i = 0; i < sweep.rows.size(); ++i) {
    table.push_back({sweep.rows[i].name, sweep.rows[i].config, states[i]});
  }
  std::cout << text_table(table);
}

}  // namespace mixwright::cli
