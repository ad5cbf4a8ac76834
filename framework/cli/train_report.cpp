#include "framework/cli/train_report.h"

#include <iomanip>
#include <iostream>
#include <optional>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <mixwright/error.h>

#include "framework/cli/tables.h"
#include "framework/data/picture_sample.h"
#include "framework/io/atomic_file.h"
#include "framework/train/curves.h"
#include "framework/train/metrics_log.h"
#include "framework/train/signals.h"
#include "framework/train/text_table.h"

namespace mixwright::cli {

namespace {

using nlohmann::ordered_json;
using train::count_text;

std::string count_of(int64_t value) {
  return count_text(static_cast<double>(value));
}

/// The metrics of a validation, out of its line; their kinds are those of `known`.
std::vector<Metric> metrics_of(const ordered_json& line, const std::vector<Metric>& known) {
  std::vector<Metric> metrics;
  for (Metric metric : known) {
    const auto value = line.find(metric.name);
    if (value == line.end() || !value->is_number()) continue;
    metric.value = value->get<double>();
    metrics.push_back(std::move(metric));
  }
  return metrics;
}

/// Rows of the last and the best validation.
std::vector<MetricsRow> validation_rows(const train::RunFolder& folder,
                                        const train::TrainState& state,
                                        const std::vector<Metric>& known) {
  ordered_json last;
  ordered_json best;
  for (const ordered_json& line : train::MetricsLog::read(folder.metrics())) {
    if (line.value("kind", "") != "validation") continue;
    last = line;
    if (line.value("step", int64_t{-1}) == state.best_step) best = line;
  }
  std::vector<MetricsRow> rows;
  if (!last.is_null()) {
    rows.push_back({"last validation", last.value("step", int64_t{0}), metrics_of(last, known)});
  }
  if (!best.is_null()) {
    rows.push_back({"best validation", state.best_step, metrics_of(best, known)});
  }
  return rows;
}

/// A training is not lost for want of a picture.
std::vector<std::string> draw(const train::RunFolder& folder) {
  std::vector<std::string> files;
  try {
    const std::vector<train::RunCurves> curves = {train::read_curves(folder.path())};
    for (const auto& file : train::draw_curves(curves, folder.plots(), "curves")) {
      files.push_back(file.string());
    }
  } catch (const Error& error) {
    spdlog::warn("no plots were drawn: {}; later, `mixwright plot {}` draws them",
                 error.what(),
                 folder.path().string());
  }
  return files;
}

/// Nothing where a signal came.
std::optional<train::Evaluation> measure_best(const LoadedTraining& training,
                                              const train::RunFolder& folder) {
  const train::Checkpoints checkpoints(folder.path());
  const auto best = checkpoints.best_or_last();
  if (!best) throw Error(folder.path().string() + ": its checkpoints are gone");
  train::Checkpoints::load_network(*best, *training.parts.network, training.parts.components);
  train::EvaluationOptions options;
  options.device = training.parts.device;
  options.bfloat16 = training.parts.bfloat16;
  options.workers = std::min<int64_t>(1, training.parts.options.workers);
  options.stop = [] { return train::stop_signal() != 0; };
  return train::evaluate(
      *training.parts.network, *training.parts.task, train::test_source(training.parts), options);
}

/// Whether `predict` has anything to say: the data are pictures, and the task answers to one.
bool answers_to_pictures(const train::TrainingParts& parts) {
  const DatasetInfo& info = parts.dataset->info();
  if (!data::are_pictures(info)) return false;
  const torch::NoGradGuard no_grad;
  parts.network->eval();
  std::vector<int64_t> sizes = info.input.grid;
  sizes.insert(sizes.begin(), 1);
  sizes.push_back(info.input.channels);
  const torch::Tensor answer =
      parts.network->forward(torch::zeros(sizes, torch::device(parts.device)));
  return !parts.task->predictions(answer, info, 1).empty();
}

void show_end(const train::TrainingResult& result,
              const LoadedTraining& training,
              const train::RunFolder& folder,
              const std::vector<MetricsRow>& rows,
              const train::Evaluation& test,
              bool plotted,
              const std::vector<DrawnPicture>& drawn) {
  const std::string run = folder.path().string();
  std::cout << "\n" << train::table_text(metrics_table("Results", rows));
  std::cout << tables_text(test.tables) << "\nTrained " << training.parts.options.epochs
            << " epochs, " << count_of(result.state.step) << " steps in "
            << train::duration_text(result.state.seconds);
  if (result.samples_per_second > 0) {
    std::cout << " (" << count_text(result.samples_per_second) << " samples/s)";
  }
  std::cout << "\n\nIn " << run << ":\n"
            << "  config.toml, environment.json   what was trained, and with what\n"
            << "  metrics.jsonl                   every measured value\n"
            << "  events.out.tfevents.*           the same for TensorBoard\n"
            << "  best, last                      checkpoints (safetensors)\n"
            << "  result.json                     what the best one comes to on the test split\n";
  if (plotted) std::cout << "  plots/curves.png, curves.svg    loss, metric, learning rate\n";
  for (const DrawnPicture& picture : drawn) {
    const std::string files = "plots/" + picture.names();
    std::cout << "  " << std::left << std::setw(32) << files + "  " << picture.title << "\n";
  }
  std::cout << "\nNext:\n"
            << "  mixwright evaluate " << run << "\n";
  if (answers_to_pictures(training.parts)) {
    std::cout << "  mixwright predict " << run << " PICTURES --out sheet.png\n";
  }
  if (dynamic_cast<const Recalls*>(training.parts.network->whole().get()) != nullptr) {
    std::cout << "  mixwright recall " << run << " --samples 4 --plot\n";
  }
  std::cout << "  mixwright model summary " << run << "\n"
            << "  mixwright train " << run << "/config.toml --set seed=2 --out " << run << "-2\n"
            << "  mixwright plot " << run << " " << run << "-2\n";
}

}  // namespace

void announce(const LoadedTraining& training,
              const train::Trainer& trainer,
              const train::RunFolder& folder) {
  int64_t parameters = 0;
  for (const auto& [name, tensor] : training.parts.network->trained_parameters()) {
    parameters += tensor.numel();
  }
  spdlog::info("{}: {} trained parameters, {} samples, {} epochs of {} steps, {} with {} threads{}",
               training.name(),
               count_of(parameters),
               count_of(trainer.samples_per_epoch()),
               training.parts.options.epochs,
               count_of(trainer.steps_per_epoch()),
               training.parts.device.str(),
               at::get_num_threads(),
               training.parts.bfloat16 ? ", products in bfloat16" : "");
  spdlog::info("everything goes to {}", folder.path().string());
}

void report_stop(const train::TrainingResult& result,
                 const train::Trainer& trainer,
                 const train::RunFolder& folder,
                 const Globals& globals) {
  const std::string run = folder.path().string();
  const std::string by =
      result.stop_signal != 0 ? train::signal_name(result.stop_signal) : "--stop-after";
  spdlog::warn(
      "stopped by {} at step {} of {}, checkpoint written; go on with: mixwright train {} "
      "--resume",
      by,
      result.state.step,
      trainer.steps(),
      run);
  if (!globals.json) return;
  const ordered_json json = {
      {"run", run}, {"finished", false}, {"stopped_by", by}, {"step", result.state.step}};
  std::cout << json.dump(2) << "\n";
}

void report_end(const train::TrainingResult& result,
                const LoadedTraining& training,
                const train::RunFolder& folder,
                Globals& globals) {
  const std::optional<train::Evaluation> measured = measure_best(training, folder);
  if (!measured) {
    spdlog::warn(
        "trained to the end; stopped by {} before the best checkpoint was measured on the test "
        "split, which `mixwright train {} --resume` does",
        train::signal_name(train::stop_signal()),
        folder.path().string());
    globals.exit_code = train::stop_exit_code(train::stop_signal());
    return;
  }
  const train::Evaluation& test = *measured;
  std::vector<std::string> plots;
  if (result.state.step > 0) plots = draw(folder);  // without a step there is one point to draw
  const bool plotted = !plots.empty();
  const std::vector<DrawnPicture> drawn = draw_pictures(test, folder.plots());
  for (const DrawnPicture& picture : drawn) {
    for (const auto& file : picture.files) plots.push_back(file.string());
  }
  std::vector<MetricsRow> rows = validation_rows(folder, result.state, test.metrics);
  const int64_t best_step =
      result.state.best_step >= 0 ? result.state.best_step : result.state.step;
  rows.push_back({"test, best checkpoint", best_step, test.metrics});
  const ordered_json json = {{"run", folder.path().string()},
                             {"finished", true},
                             {"step", result.state.step},
                             {"best_step", best_step},
                             {"seconds", result.state.seconds},
                             {"samples_per_second", result.samples_per_second},
                             {"test", evaluation_json(test)},
                             {"plots", plots}};
  io::write_text_file_atomically(folder.result(), json.dump(2) + "\n");
  if (globals.json) {
    std::cout << json.dump(2) << "\n";
  } else if (!globals.quiet) {
    show_end(result, training, folder, rows, test, plotted, drawn);
  }
}

}  // namespace mixwright::cli
