#include "framework/train/trainer.h"

#include <algorithm>

#include <spdlog/spdlog.h>

#include <mixwright/error.h>

#include "framework/train/device.h"
#include "framework/train/metrics_lines.h"
#include "framework/train/schedule.h"
#include "framework/train/signals.h"

namespace mixwright::train {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Task metrics cost a little and, on a GPU, a wait: they are taken this often per metrics line.
constexpr int64_t kMeasuresPerLine = 10;

/// The task's loss; of a batch into which others were mixed, the mean that their share weighs.
torch::Tensor loss_of(const Task& task, const torch::Tensor& output, const Batch& batch) {
  torch::Tensor own = task.loss(output, batch);
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
  options.repeats = parts.options.repeats;
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
      hooks_(*parts_.network),
      loader_(training_source(parts_), loader_options(parts_)),
      validation_(validation_source(parts_)) {
  if (parts_.options.ema.decay > 0) {
    average_ = std::make_unique<MovingAverage>(*parts_.network, parts_.options.ema);
  }
  state_.seed = parts_.seed;
  state_.threads = at::get_num_threads();
  state_.libtorch = TORCH_VERSION;
  state_.precision = parts_.bfloat16 ? "bfloat16" : "float32";
}

void Trainer::resume(const std::filesystem::path& checkpoint) {
  const TrainState now = state_;
  state_ = Checkpoints::load(checkpoint, snapshot(), parts_.components);
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

int64_t Trainer::steps_per_epoch() const {
  const int64_t accumulate = parts_.options.accumulate;
  return (loader_.batches() + accumulate - 1) / accumulate;
}

int64_t Trainer::step_in_epoch() const {
  const int64_t accumulate = parts_.options.accumulate;
  return (state_.batch + accumulate - 1) / accumulate;
}

bool Trainer::stop_wanted() const {
  return stop_signal() != 0 || (parts_.stop_after > 0 && state_.step >= parts_.stop_after);
}

Snapshot Trainer::snapshot() {
  return {*parts_.network, *optimizer_, average_.get()};
}

TrainingResult Trainer::run() {
  session_begin_ = Clock::now();
  seconds_before_ = state_.seconds;
  TrainingResult result;
  log_.emplace(folder_.metrics(), state_.step);
  curves_.emplace(folder_);
  parts_.network->train();
  if (parts_.options.epochs > 0) {
    loader_.start(state_.epoch, state_.batch, parts_.options.epochs - 1);
  }
  interval_begin_ = Clock::now();
  while (!state_.finished) {
    const bool goes_on =
        parts_.options.epochs > 0 ? train_epoch() && finish_epoch() : measure_beginning();
    if (!goes_on) {
      save(/*is_best=*/false);
      result.stopped = true;
      result.stop_signal = stop_signal();
      break;
    }
  }
  curves_.reset();  // whoever comes next draws them to the end
  progress_.clear();
  parts_.network->eval();
  result.state = state_;
  result.seconds = seconds_since(session_begin_);
  if (training_seconds_ > 0) {
    result.samples_per_second = static_cast<double>(training_samples_) / training_seconds_;
  }
  return result;
}

// Where nothing is to be trained: a run whose one checkpoint is the network as it began.
bool Trainer::measure_beginning() {
  bool is_best = false;
  if (!validate(is_best)) return false;
  state_.finished = true;
  save(is_best);
  return true;
}

bool Trainer::train_epoch() {
  const CheckpointOptions& saving = parts_.options.checkpoint;
  while (state_.batch < loader_.batches()) {
    const Clock::time_point begin = Clock::now();
    const double waited = loader_.waited_seconds();
    train_step();
    interval_waited_ += loader_.waited_seconds() - waited;
    const bool epoch_ends = state_.batch == loader_.batches();
    const bool line_due = step_in_epoch() % parts_.options.log_every == 0 || epoch_ends;
    if (line_due) settle();  // a GPU is still at work on what it was asked for
    training_seconds_ += seconds_since(begin);
    if (line_due) write_train_line();
    if (progress_.due()) show_progress();
    if (epoch_ends) break;
    if (saving.every_steps > 0 && state_.step % saving.every_steps == 0) save(/*is_best=*/false);
    if (stop_wanted()) return false;
  }
  return true;
}

// One step: the gradient of the mean loss over the samples of up to `accumulate` batches.
void Trainer::train_step() {
  const int64_t end = std::min(state_.batch + parts_.options.accumulate, loader_.batches());
  const int64_t step_samples = std::min(loader_.samples(), end * parts_.options.batch_size) -
                               state_.batch * parts_.options.batch_size;
  if (parts_.options.not_finite == NotFinite::kSkip) {
    kept_buffers_.clear();
    for (const torch::Tensor& buffer : parts_.network->buffers()) {
      kept_buffers_.push_back(buffer.clone());
    }
  }
  learning_rate_ =
      parts_.options.optimizer.lr * schedule_factor(parts_.options.schedule, state_.step, steps());
  optimizer_->zero_grad();
  StepOutcome outcome;
  outcome.step = state_.step + 1;
  for (int64_t batch = state_.batch; batch < end; ++batch) {
    add_gradients(to_device(std::move(*loader_.next()), parts_.device), step_samples, outcome);
  }
  parts_.network->gather_shared_gradients();
  outcome.norms = optimizer_->clip_gradients(parts_.options.clip_norm);
  last_norms_ = outcome.norms;
  state_.batch = end;
  training_samples_ += step_samples;
  interval_samples_ += step_samples;
  move_weights(outcome);
  ++state_.step;
  ++session_steps_;
}

void Trainer::add_gradients(Batch batch, int64_t step_samples, StepOutcome& outcome) {
  const bool measured =
      outcome.batches.empty() &&
      step_in_epoch() % std::max<int64_t>(1, parts_.options.log_every / kMeasuresPerLine) == 0;
  torch::Tensor output;
  torch::Tensor to_teacher;
  {
    const Autocast autocast(parts_.device, parts_.bfloat16);
    if (parts_.teacher) {
      const TaughtAnswers answers = parts_.network->taught_answers(batch.inputs);
      output = to_float32(answers.to_task);
      to_teacher = to_float32(answers.to_teacher);
    } else {
      output = to_float32(parts_.network->forward(batch.inputs));
    }
  }
  torch::Tensor loss = loss_of(*parts_.task, output, batch);
  if (parts_.teacher) loss = parts_.teacher->taught_loss(loss, to_teacher, batch.inputs);
  torch::Tensor penalty = parts_.network->penalty();
  if (batch.inputs.size(0) != step_samples) {
    const double share =
        static_cast<double>(batch.inputs.size(0)) / static_cast<double>(step_samples);
    loss = loss * share;
    if (penalty.defined()) penalty = penalty * share;
  }
  (penalty.defined() ? loss + penalty : loss).backward();
  const auto add = [](torch::Tensor& sum, const torch::Tensor& term) {
    if (term.defined()) sum = sum.defined() ? sum + term.detach() : term.detach();
  };
  add(outcome.loss, loss);
  add(outcome.penalty, penalty);
  if (measured) measure(output, batch);
  outcome.batches.push_back(std::move(batch));
}

void Trainer::move_weights(const StepOutcome& outcome) {
  pending_.push_back(outcome);
  // Where the values are at hand they are looked at before they reach the weights. On a GPU that
  // would stop the queue at every step; there it is done before anything is written down, unless
  // bad steps are to be left out.
  const bool now = parts_.device.is_cpu() || parts_.options.not_finite == NotFinite::kSkip;
  if (!now) {
    for (Batch& batch : pending_.back().batches) batch.inputs = batch.targets = torch::Tensor();
  }
  if (now && !settle()) return;
  optimizer_->step(learning_rate_);
  hooks_.after_step({state_.step + 1, steps(), epochs_done(), learning_rate_});
  if (average_) average_->update(state_.step);
}

void Trainer::write_train_line() {
  settle();
  const double seconds = std::max(seconds_since(interval_begin_), 1e-9);
  TrainLineFacts facts;
  facts.epoch = epochs_done();
  facts.learning_rate = learning_rate_;
  facts.gradient_norm = last_norms_.total.item<double>();
  facts.gradient_norms = norms_by_part(last_norms_, optimizer_->tensors());
  facts.parts = hooks_.numbers();
  facts.samples_per_second = static_cast<double>(interval_samples_) / seconds;
  facts.data_wait_share = interval_waited_ / seconds;
  facts.memory_mb = peak_memory_mb();
  log_->append(train_line(state_, facts));
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
  hooks_.draw(folder_.plots());
  if (!is_last) curves_->after_epoch();
  interval_begin_ = Clock::now();
  return state_.finished || !stop_wanted();
}

void Trainer::save(bool is_best) {
  settle();
  state_.seconds = seconds_before_ + seconds_since(session_begin_);
  checkpoints_.save(snapshot(), state_, parts_.components, is_best, parts_.options.checkpoint.keep);
}

double Trainer::epochs_done() const {
  return static_cast<double>(state_.epoch) +
         static_cast<double>(state_.batch) / static_cast<double>(loader_.batches());
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
