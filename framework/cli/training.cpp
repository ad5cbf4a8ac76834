#include "framework/cli/training.h"

#include <algorithm>
#include <filesystem>

#include <spdlog/spdlog.h>

#include <mixwright/error.h>

#include "framework/config/defaults.h"
#include "framework/model/assemble.h"
#include "framework/model/dataset.h"
#include "framework/train/device.h"
#include "framework/train/metrics_log.h"
#include "framework/train/text_table.h"

namespace mixwright::cli {

namespace {

void require_sections(const Loaded& loaded) {
  if (!loaded.config.train) {
    throw UsageError(loaded.file.path +
                     ": no [train] section; it says how to train, for example by extends = "
                     "[\"recipes/quick.toml\"]");
  }
  if (loaded.config.dataset.is_nothing()) {
    throw UsageError(
        loaded.file.path +
        ": no [data] section; it names the dataset to train on, see `mixwright plugins "
        "list --kind dataset`");
  }
}

}  // namespace

LoadedTraining build_training(Loaded loaded) {
  require_sections(loaded);
  LoadedTraining training;
  static_cast<Loaded&>(training) = std::move(loaded);
  train::TrainingParts& parts = training.parts;
  const config::RunConfig& config = training.config;
  parts.options = *config.train;
  parts.seed = static_cast<uint64_t>(config.seed);
  parts.limit_train = config.data.limit_train.value_or(0);
  parts.limit_test = config.data.limit_test.value_or(0);
  parts.device = train::choose_device(parts.options.device);
  parts.bfloat16 = train::use_bfloat16(parts.options.precision, parts.device);
  if (parts.options.threads > 0) at::set_num_threads(static_cast<int>(parts.options.threads));
  parts.dataset = model::make_dataset(config, *training.factory);
  parts.dataset_name = config.dataset.find("type")->as_string();
  parts.task = training.factory->make<Task>(parts.options.task.value(), "train.task");
  for (size_t i = 0; i < parts.options.transforms.size(); ++i) {
    parts.transforms.push_back(training.factory->make<Transform>(
        parts.options.transforms[i].value(), "train.transforms[" + std::to_string(i) + "]"));
  }
  torch::manual_seed(parts.seed);
  parts.network = model::assemble(
      config, model::input_signal(config, &parts.dataset->info()), *training.factory);
  parts.network->move_to(parts.device);
  parts.components = train::revisions_of(*training.factory);
  return training;
}

void add_teacher(LoadedTraining& training, Globals& globals) {
  train::TrainingParts& parts = training.parts;
  const TeacherOptions& teacher = parts.options.teacher;
  if (teacher.from.empty()) return;
  train::Pupil pupil;
  for (const auto& used : training.factory->used()) {
    if (used.kind == Task::kKind) pupil.task_name = used.name;
  }
  pupil.task = parts.task;
  pupil.info = data::SampleFacts(*parts.dataset);
  pupil.device = parts.device;
  pupil.bfloat16 = parts.bfloat16;
  auto made = std::make_shared<train::Teacher>(teacher, std::move(pupil), plugins_of(globals));
  spdlog::info("learning from {} as well, at {} of the loss", made->source(), teacher.weight);
  parts.teacher = std::move(made);
}

data::SampleSource source_of_split(const train::TrainingParts& parts, const std::string& split) {
  if (split == "test") return train::test_source(parts);
  if (split == "validation") return train::validation_source(parts);
  data::SampleSource source = train::training_source(parts);
  source.transforms.clear();  // a measure, not a lesson
  return source;
}

ConfigValue resolved_config(const Loaded& loaded) {
  ConfigValue root = config::with_defaults(loaded.file.root, *loaded.factory);
  const std::vector<std::string> paths = config::plugin_paths(loaded.file.root);
  if (!paths.empty()) {
    ConfigValue list = ConfigValue::array();
    for (const std::string& path : paths) {
      list.as_array().emplace_back(std::filesystem::absolute(path).lexically_normal().string());
    }
    root.set("plugins", ConfigValue::table()).set("path", list);
  }
  if (const std::string map = config::weight_map_path(loaded.file.root); !map.empty()) {
    root.find("model")->set("weight_map",
                            std::filesystem::absolute(map).lexically_normal().string());
  }
  if (loaded.config.train && !loaded.config.train->teacher.from.empty()) {
    const TeacherOptions teacher = train::Teacher::pinned(loaded.config.train->teacher);
    ConfigValue& said = *root.find("train")->find("teacher");
    said.set("from", teacher.from);
    said.set("checkpoint", teacher.checkpoint);
    said.set("weights", teacher.weights);
  }
  return root;
}

Table metrics_table(const std::string& title, const std::vector<MetricsRow>& rows) {
  Table table;
  table.title = title;
  table.columns = {"", "step"};
  for (const MetricsRow& row : rows) {
    for (const Metric& metric : row.metrics) {
      if (std::find(table.columns.begin(), table.columns.end(), metric.name) ==
          table.columns.end()) {
        table.columns.push_back(metric.name);
      }
    }
  }
  for (const MetricsRow& row : rows) {
    std::vector<std::string> cells = {row.label, std::to_string(row.step)};
    for (size_t i = 2; i < table.columns.size(); ++i) {
      std::string cell = "-";
      for (const Metric& metric : row.metrics) {
        if (metric.name == table.columns[i]) cell = train::metric_text(metric);
      }
      cells.push_back(cell);
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

nlohmann::ordered_json evaluation_json(const train::Evaluation& evaluation) {
  nlohmann::ordered_json json;
  for (const Metric& metric : evaluation.metrics) {
    json["metrics"][metric.name] = train::MetricsLog::number(metric.value);
  }
  json["samples"] = evaluation.samples;
  json["seconds"] = evaluation.seconds;
  for (const Table& table : evaluation.tables) {
    json["tables"].push_back(
        {{"title", table.title}, {"columns", table.columns}, {"rows", table.rows}});
  }
  return json;
}

}  // namespace mixwright::cli
