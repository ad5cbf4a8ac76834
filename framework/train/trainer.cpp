#include "framework/train/trainer.h"

#include <algorithm>
#include <cmath>

#include <spdlog/spdlog.h>

#include <mixwright/error.h>

#include "framework/train/device.h"
#include "framework/train/schedule.h"
#include "framework/train/signals.h"
#include "framework/train/text_table.h"

namespace mixwright::train {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Task metrics cost a little and, on a GPU, a wait: they are taken this often per metrics line.
constexpr int64_t kMeasuresPerLine = 10;

// How fast the progress line follows the last batch.
constexpr double kShownShare = 0.1;

std::string joined(const torch::Tensor& samples) {
  const torch::Tensor list = samples.cpu();
  std::string text;
  for (int64_t i = 0; i < list.numel(); ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(list[i].item<int64_t>());
  }
  return text;
}

/// The task's loss; of a batch into which others were mixed, the mean that their share weighs.
torch::Tensor loss_of(const Task& task, const torch::Tensor& output, const Batch& batch) {
  const torch::Tensor own = task.loss(output, batch);
  if (!batch.mixed) return own;
  Batch other = batch;
  other.targets = batch.mixed->targets;
  return own * (1.0 - batch.mixed->share) + task.loss(output, other) * batch.mixed->share;
}

data::LoaderOptions loader_options(const TrainingParts& parts) {
  data::LoaderOptions options;
  options.batch_size = parts.options.batch_size;
  options.shuffle = true;
  options.drop_last = parts.options.drop_last;
  options.workers = parts.options.workers;
  options.prefetch = parts.options.prefetch;
  options.seed = parts.seed;
  options.pin_memory = parts.device.is_cuda();
  return options;
}

std::unique_ptr<Optimizer> made_for(model::Network& network, const OptimizerOptions& options) {
  freeze_groups(network, options);
  return make_optimizer(trained_tensors(network, options), options);
}

}  // namespace

Trainer::Trainer(TrainingParts parts, const RunFolder& folder, Progress& progress)
    : parts_(std::move(parts)),
      folder_(folder),
      progress_(progress),
      checkpoints_(folder.path()),
      optimizer_(made_for(*parts_.network, parts_.options.optimizer)),
      loader_(training_source(parts_), loader_options(parts_)),
      validation_(validation_source(parts_)) {
  state_.seed = parts_.seed;
  state_.threads = at::get_num_threads();
  state_.libtorch = TORCH_VERSION;
  state_.precision = parts_.bfloat16 ? "bfloat16" : "float32";
}

void Trainer::resume(const std::filesystem::path& checkpoint) {
  const TrainState now = state_;
  state_ = Checkpoints::load(checkpoint, *parts_.network, *optimizer_, parts_.components);
  const auto warn_of = [](const char* what, const std::string& before, const std::string& after) {
    if (before == after) return;
    spdlog::warn(
        "trained with {} {} so far, now {}: the rest will not be bit-equal", what, before, after);
  };
  warn_of("threads =", std::to_string(state_.threads), std::to_string(now.threads));
  warn_of("precision", state_.precision, now.precision);
  warn_of("LibTorch", state_.libtorch, now.libtorch);
  state_.threads = now.threads;
  state_.precision = now.precision;
  state_.libtorch = now.libtorch;
}

TrainingResult Trainer::run() {
  session_begin_ = Clock::now();
  seconds_before_ = state_.seconds;
  TrainingResult result;
  log_.emplace(folder_.metrics(), state_.step);
  parts_.network->train();
  loader_.start(state_.epoch, state_.batch, parts_.options.epochs - 1);
  interval_begin_ = Clock::now();
  while (!state_.finished) {
    if (!train_epoch() || !finish_epoch()) {
      save(/*is_best=*/false);
      result.stop_signal = stop_signal();
      break;
    }
  }
  progress_.clear();
  parts_.network->eval();
  result.state = state_;
  result.seconds = seconds_since(session_begin_);
  if (training_seconds_ > 0) {
    result.samples_per_second = static_cast<double>(training_samples_) / training_seconds_;
  }
  return result;
}

bool Trainer::train_epoch() {
  const CheckpointOptions& saving = parts_.options.checkpoint;
  while (state_.batch < loader_.batches()) {
    const Clock::time_point begin = Clock::now();
    const double waited = loader_.waited_seconds();
    const Batch batch = to_device(std::move(*loader_.next()), parts_.device);
    train_step(batch);
    interval_waited_ += loader_.waited_seconds() - waited;
    training_seconds_ += seconds_since(begin);
    training_samples_ += batch.inputs.size(0);
    interval_samples_ += batch.inputs.size(0);
    const bool epoch_ends = state_.batch == loader_.batches();
    if (state_.batch % parts_.options.log_every == 0 || epoch_ends) write_train_line();
    if (progress_.due()) show_progress();
    if (epoch_ends) break;
    if (saving.every_steps > 0 && state_.step % saving.every_steps == 0) save(/*is_best=*/false);
    if (stop_signal() != 0) return false;
  }
  return true;
}

void Trainer::train_step(const Batch& batch) {
  const bool measured =
      state_.batch % std::max<int64_t>(1, parts_.options.log_every / kMeasuresPerLine) == 0;
  learning_rate_ =
      parts_.options.optimizer.lr * schedule_factor(parts_.options.schedule, state_.step, steps());
  optimizer_->zero_grad();
  torch::Tensor output;
  {
    const Autocast autocast(parts_.device, parts_.bfloat16);
    output = to_float32(parts_.network->forward(batch.inputs));
  }
  const torch::Tensor loss = loss_of(*parts_.task, output, batch);
  const torch::Tensor penalty = parts_.network->penalty();
  (penalty.defined() ? loss + penalty : loss).backward();
  parts_.network->gather_shared_gradients();
  const torch::Tensor norm = optimizer_->clip_gradients(parts_.options.clip_norm);
  pending_.push_back({state_.step + 1,
                      loss.detach(),
                      penalty.defined() ? penalty.detach() : torch::Tensor(),
                      norm,
                      batch.indices});
  // Where the values are at hand they are looked at before they reach the weights. On a GPU that
  // would stop the queue at every step; there it is done before anything is written down.
  if (parts_.device.is_cpu()) settle();
  optimizer_->step(learning_rate_);
  if (measured) measure(output, batch);
  ++state_.step;
  ++state_.batch;
  ++session_steps_;
}

void Trainer::measure(const torch::Tensor& output, const Batch& batch) {
  const std::unique_ptr<Score> score = parts_.task->score(parts_.dataset->info());
  score->add(output.detach(), batch);
  ++state_.interval_measured;
  std::vector<Metric> metrics = score->metrics();
  for (size_t i = 0; i < metrics.size(); ++i) {
    state_.interval_metrics[metrics[i].name] += metrics[i].value;
    if (shown_metrics_.size() == metrics.size()) {
      metrics[i].value =
          shown_metrics_[i].value + kShownShare * (metrics[i].value - shown_metrics_[i].value);
    }
  }
  shown_metrics_ = std::move(metrics);
}

void Trainer::settle() {
  for (const StepOutcome& outcome : pending_) {
    const double loss = outcome.loss.item<double>();
    const double penalty = outcome.penalty.defined() ? outcome.penalty.item<double>() : 0;
    last_norm_ = outcome.gradient_norm.item<double>();
    if (!std::isfinite(loss + penalty) || !std::isfinite(last_norm_)) {
      fail_not_finite(outcome, loss + penalty, last_norm_);
    }
    ++state_.interval_steps;
    state_.interval_loss += loss;
    state_.interval_penalty += penalty;
  }
  pending_.clear();
}

void Trainer::fail_not_finite(const StepOutcome& outcome, double loss, double norm) {
  progress_.clear();
  nlohmann::ordered_json line;
  line["kind"] = "not_finite";
  line["step"] = outcome.step;
  line["epoch"] = state_.epoch + 1;
  line["loss"] = MetricsLog::number(loss);
  line["gradient_norm"] = MetricsLog::number(norm);
  line["samples"] = joined(outcome.samples);
  log_->append(line);
  const auto last = checkpoints_.find("last");
  throw Error((std::isfinite(loss) ? "gradient norm is " + MetricsLog::number(norm).dump()
                                   : "loss is " + MetricsLog::number(loss).dump()) +
              " at step " + std::to_string(outcome.step) + " (epoch " +
              std::to_string(state_.epoch + 1) + "): training stopped, " +
              (last ? "the last good checkpoint is " + last->string()
                    : std::string("no checkpoint was written yet")) +
              "; its samples are in " + folder_.metrics().string() +
              "; a smaller train.optimizer.lr or train.clip_norm = 1.0 often helps");
}

void Trainer::write_train_line() {
  settle();
  nlohmann::ordered_json line;
  line["kind"] = "train";
  line["step"] = state_.step;
  line["epoch"] = static_cast<double>(state_.step) / static_cast<double>(loader_.batches());
  const double count = static_cast<double>(std::max<int64_t>(1, state_.interval_steps));
  line["loss"] = MetricsLog::number(state_.interval_loss / count);
  if (state_.interval_penalty != 0) {
    line["penalty"] = MetricsLog::number(state_.interval_penalty / count);
  }
  for (const auto& [name, sum] : state_.interval_metrics) {
    if (name == "loss") continue;  // the loss that is trained stands there already
    line[name] = MetricsLog::number(sum / static_cast<double>(state_.interval_measured));
  }
  line["learning_rate"] = learning_rate_;
  line["gradient_norm"] = MetricsLog::number(last_norm_);
  const double seconds = seconds_since(interval_begin_);
  line["samples_per_second"] = static_cast<double>(interval_samples_) / std::max(seconds, 1e-9);
  line["data_wait_share"] = interval_waited_ / std::max(seconds, 1e-9);
  log_->append(line);
  state_.interval_steps = 0;
  state_.interval_loss = 0;
  state_.interval_penalty = 0;
  state_.interval_measured = 0;
  state_.interval_metrics.clear();
  interval_begin_ = Clock::now();
  interval_samples_ = 0;
  interval_waited_ = 0;
}

bool Trainer::finish_epoch() {
  const TrainOptions& options = parts_.options;
  const int64_t done = state_.epoch + 1;
  const bool is_last = done == options.epochs;
  bool is_best = false;
  if ((is_last || done % options.validate_every == 0) && !validate(is_best)) return false;
  state_.epoch = done;
  state_.batch = 0;
  state_.finished = is_last;
  const CheckpointOptions& saving = options.checkpoint;
  const bool by_epoch = saving.every_epochs > 0 && done % saving.every_epochs == 0;
  const bool by_step = saving.every_steps > 0 && state_.step % saving.every_steps == 0;
  if (is_best || is_last || by_epoch || by_step) save(is_best);
  interval_begin_ = Clock::now();
  return state_.finished || stop_signal() == 0;
}

bool Trainer::validate(bool& is_best) {
  EvaluationOptions options;
  options.batch_size = std::max<int64_t>(parts_.options.batch_size, 250);
  options.workers = std::min<int64_t>(1, parts_.options.workers);
  options.device = parts_.device;
  options.bfloat16 = parts_.bfloat16;
  options.stop = [] { return stop_signal() != 0; };
  options.progress = [this](int64_t batch, int64_t batches) {
    if (!progress_.due()) return;
    ProgressFacts facts;
    facts.phase = "validation";
    facts.step = batch;
    facts.steps = batches;
    progress_.show(facts);
  };
  const std::optional<Evaluation> evaluation =
      evaluate(*parts_.network, *parts_.task, validation_, options);
  if (!evaluation) return false;
  const Metric& decisive = evaluation->metrics.front();
  is_best =
      std::isfinite(decisive.value) &&
      (state_.best_step < 0 || (decisive.higher_is_better ? decisive.value > state_.best_value
                                                          : decisive.value < state_.best_value));
  if (is_best) {
    state_.best_step = state_.step;
    state_.best_value = decisive.value;
  }
  nlohmann::ordered_json line;
  line["kind"] = "validation";
  line["step"] = state_.step;
  line["epoch"] = state_.epoch + 1;
  std::string text;
  for (const Metric& metric : evaluation->metrics) {
    line[metric.name] = MetricsLog::number(metric.value);
    text += "  " + metric.name + " " + metric_text(metric);
  }
  line["decisive"] = {{"name", decisive.name},
                      {"percent", decisive.percent},
                      {"higher_is_better", decisive.higher_is_better}};
  line["samples"] = evaluation->samples;
  line["seconds"] = evaluation->seconds;
  log_->append(line);
  progress_.clear();
  spdlog::info("epoch {}/{} validated:{}{}",
               state_.epoch + 1,
               parts_.options.epochs,
               text,
               is_best ? "  (best so far)" : "");
  return true;
}

void Trainer::save(bool is_best) {
  settle();
  state_.seconds = seconds_before_ + seconds_since(session_begin_);
  checkpoints_.save(*parts_.network,
                    *optimizer_,
                    state_,
                    parts_.components,
                    is_best,
                    parts_.options.checkpoint.keep);
}

double Trainer::seconds_left() const {
  if (session_steps_ == 0) return -1;
  return seconds_since(session_begin_) / static_cast<double>(session_steps_) *
         static_cast<double>(steps() - state_.step);
}

void Trainer::show_progress() {
  if (pending_.empty() && shown_metrics_.empty()) return;
  ProgressFacts facts;
  facts.phase =
      "epoch " + std::to_string(state_.epoch + 1) + "/" + std::to_string(parts_.options.epochs);
  facts.step = state_.step;
  facts.steps = steps();
  facts.metrics = shown_metrics_;
  facts.learning_rate = learning_rate_;
  facts.samples_per_second = static_cast<double>(training_samples_) / training_seconds_;
  facts.seconds_left = seconds_left();
  progress_.show(facts);
}

}  // namespace mixwright::train
