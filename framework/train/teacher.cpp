#include "framework/train/teacher.h"

#include <filesystem>
#include <utility>

#include <mixwright/error.h>

#include "framework/data/normalization.h"
#include "framework/io/safetensors.h"
#include "framework/model/assemble.h"
#include "framework/model/random_state.h"
#include "framework/model/weights.h"
#include "framework/train/checkpoint.h"
#include "framework/train/device.h"
#include "framework/train/trained_run.h"

namespace mixwright::train {

namespace fs = std::filesystem;

namespace {

std::string absolute(const std::string& path) {
  return fs::absolute(path).lexically_normal().string();
}

[[noreturn]] void refuse(const std::string& key, const std::string& what) {
  throw UsageError("train.teacher." + key + ": " + what);
}

/// Every tensor of the network, and no other.
void load_all(model::Network& network, const std::string& file) {
  const model::NamedTensors values = io::load_safetensors(file);
  for (const auto& [name, tensor] : network.state()) {
    if (!values.contains(name)) {
      refuse("weights",
             file + " has no \"" + name +
                 "\"; bring it into this network's names by `mixwright weights import`");
    }
  }
  model::load_values(network, values);
}

}  // namespace

TeacherOptions Teacher::pinned(TeacherOptions options) {
  if (options.from.empty()) return options;
  options.from = absolute(options.from);
  if (!options.weights.empty()) options.weights = absolute(options.weights);
  const Checkpoints checkpoints(options.from);
  const auto folder = options.checkpoint.empty() ? checkpoints.best_or_last()
                                                 : checkpoints.find(options.checkpoint);
  if (folder) options.checkpoint = fs::canonical(*folder).filename();
  return options;
}

Teacher::Teacher(const TeacherOptions& options, Pupil pupil, const model::PluginSource& plugins)
    : options_(pinned(options)),
      pupil_(std::move(pupil)),
      lesson_(dynamic_cast<const LearnsFromTeacher*>(pupil_.task.get())) {
  if (lesson_ == nullptr) {
    refuse("from",
           "the task \"" + pupil_.task_name + "\" learns from no teacher; leave train.teacher out");
  }
  // Building draws initial values, which the training with and without a teacher must not notice.
  const model::RandomState before;
  if (fs::is_directory(options_.from)) {
    take_run(plugins);
  } else if (fs::is_regular_file(options_.from)) {
    take_config(plugins);
  } else {
    refuse("from", options_.from + " is not there; a run's folder or a config expected");
  }
  before.restore();
  if (!(network_->input_shape() == pupil_.info.input)) {
    refuse("from",
           source_ + " takes " + network_->input_shape().text() + ", the data are " +
               pupil_.info.input.text() + "; a teacher for inputs of this size expected");
  }
  if (info_.classes != pupil_.info.classes) {
    refuse("from",
           source_ + " knows " + std::to_string(info_.classes) + " classes, the data have " +
               std::to_string(pupil_.info.classes));
  }
  network_->move_to(pupil_.device);
  network_->eval();
  if (!pupil_.bfloat16) network_->use_inference_forms();
}

void Teacher::take_run(const model::PluginSource& plugins) {
  if (!options_.weights.empty()) {
    refuse("weights", options_.from + " is a run, which has its own weights; leave them out");
  }
  const TrainedRun run =
      load_trained_run(options_.from,
                       options_.checkpoint,
                       {"train.threads=0", "train.device=" + pupil_.device.str()},
                       plugins);
  network_ = run.predictor->parts().network;
  info_ = run.predictor->info();
  source_ = fs::canonical(run.checkpoint).string();
}

void Teacher::take_config(const model::PluginSource& plugins) {
  if (options_.weights.empty()) {
    refuse("weights", "missing; a config says no weights, so name their safetensors file");
  }
  if (!options_.checkpoint.empty()) {
    refuse("checkpoint", options_.from + " is a config, which has none; leave it out");
  }
  info_ = pupil_.info;
  const model::Loaded loaded = model::load_config(options_.from, {}, plugins);
  const model::InputSignal input = model::input_signal(loaded.config, &info_);
  network_ = model::assemble(loaded.config, input, *loaded.factory);
  load_all(*network_, options_.weights);
  source_ = options_.weights;
}

torch::Tensor Teacher::taught_loss(const torch::Tensor& own,
                                   const torch::Tensor& answer,
                                   const torch::Tensor& inputs) const {
  torch::Tensor teaching;
  {
    const torch::NoGradGuard no_grad;
    const Autocast autocast(pupil_.device, pupil_.bfloat16);
    teaching = to_float32(network_->forward(data::renormalised(inputs, pupil_.info, info_)));
  }
  return own * (1.0 - options_.weight) + lesson_->teacher_loss(answer, teaching) * options_.weight;
}

}  // namespace mixwright::train
