// What a training is judged by while it runs: measures of batches, steps that are not finite,
// validation.
#include <cmath>

#include <spdlog/spdlog.h>

#include <mixwright/error.h>

#include "framework/train/metrics_lines.h"
#include "framework/train/not_finite.h"
#include "framework/train/signals.h"
#include "framework/train/text_table.h"
#include "framework/train/trainer.h"

namespace mixwright::train {

namespace {

// How fast the progress line follows the last batch.
constexpr double kShownShare = 0.1;

// Steps left out in a row after which a training has no hope.
constexpr int64_t kMostSkipped = 20;

}  // namespace

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

bool Trainer::settle() {
  bool good = true;
  for (const StepOutcome& outcome : pending_) {
    const double loss = outcome.loss.item<double>();
    const double penalty = outcome.penalty.defined() ? outcome.penalty.item<double>() : 0;
    const auto norm = outcome.norms.total.item<double>();
    good = std::isfinite(loss + penalty) && std::isfinite(norm);
    if (!good) {
      leave_out(outcome, loss + penalty, norm);
      break;
    }
    state_.skipped_in_a_row = 0;
    ++state_.interval_steps;
    state_.interval_loss += loss;
    state_.interval_penalty += penalty;
  }
  pending_.clear();
  return good;
}

/// Writes down what was not finite; then ends the training, or undoes what the step changed.
void Trainer::leave_out(const StepOutcome& outcome, double loss, double norm) {
  progress_.clear();
  const NotFiniteCause cause =
      find_not_finite(*parts_.network, *parts_.task, outcome.batches, optimizer_->tensors());
  nlohmann::ordered_json line = not_finite_line(cause, outcome.batches);
  line["step"] = outcome.step;
  line["epoch"] = state_.epoch + 1;
  line["loss"] = MetricsLog::number(loss);
  line["gradient_norm"] = MetricsLog::number(norm);
  log_->append(line);
  const std::string what =
      (std::isfinite(loss) ? "gradient norm is " + MetricsLog::number(norm).dump()
                           : "loss is " + MetricsLog::number(loss).dump()) +
      " at step " + std::to_string(outcome.step) + " (epoch " + std::to_string(state_.epoch + 1) +
      ")" + (cause.text.empty() ? "" : ", from " + cause.text);
  ++state_.skipped_steps;
  if (parts_.options.not_finite == NotFinite::kSkip && ++state_.skipped_in_a_row < kMostSkipped) {
    spdlog::warn("{}: step left out", what);
    const torch::NoGradGuard no_grad;
    const std::vector<torch::Tensor> buffers = parts_.network->buffers();
    for (size_t i = 0; i < buffers.size(); ++i) buffers[i].copy_(kept_buffers_[i]);
    return;
  }
  const auto last = checkpoints_.find("last");
  throw Error(
      what + ": training stopped" +
      (state_.skipped_in_a_row > 0
           ? " after " + std::to_string(kMostSkipped) + " such steps in a row"
           : std::string()) +
      ", " +
      (last ? "the last good checkpoint is " + last->string()
            : std::string("no checkpoint was written yet")) +
      "; a smaller train.optimizer.lr or train.clip_norm = 1.0 often helps, train.not_finite "
      "= \"skip\" leaves such steps out");
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
  const AveragedWeights averaged(average_.get());
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
  std::string text;
  for (const Metric& metric : evaluation->metrics) {
    text += "  " + metric.name + " " + metric_text(metric);
  }
  const int64_t done = std::min(state_.epoch + 1, parts_.options.epochs);
  log_->append(validation_line(state_, done, *evaluation));
  progress_.clear();
  spdlog::info("epoch {}/{} validated:{}{}",
               done,
               parts_.options.epochs,
               text,
               is_best ? "  (best so far)" : "");
  return true;
}

}  // namespace mixwright::train
