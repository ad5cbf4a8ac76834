#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "framework/config/train_options.h"
#include "framework/data/batch_loader.h"
#include "framework/train/checkpoint.h"
#include "framework/train/evaluation.h"
#include "framework/train/live_curves.h"
#include "framework/train/metrics_log.h"
#include "framework/train/optimizer.h"
#include "framework/train/part_hooks.h"
#include "framework/train/progress.h"
#include "framework/train/run_folder.h"
#include "framework/train/teacher.h"

namespace mixwright::train {

/// All that a training is made of.
struct TrainingParts {
  std::shared_ptr<model::Network> network;
  std::shared_ptr<const Dataset> dataset;
  std::string dataset_name;
  std::shared_ptr<const Task> task;
  std::vector<std::shared_ptr<const Transform>> transforms;
  std::vector<ComponentRevision> components;
  std::shared_ptr<const Teacher> teacher;  ///< null: none helps
  TrainOptions options;
  uint64_t seed = 0;
  torch::Device device = torch::kCPU;
  bool bfloat16 = false;    ///< products are computed in it
  int64_t limit_train = 0;  ///< only the first samples of the split; 0: all
  int64_t limit_test = 0;
  int64_t stop_after = 0;  ///< step after which it stops as a signal would stop it; 0: at the end
};

/// What the parts are trained on, augmentation included.
data::SampleSource training_source(const TrainingParts& parts);
/// What they are validated on: held-out training samples, or the test split.
data::SampleSource validation_source(const TrainingParts& parts);
data::SampleSource test_source(const TrainingParts& parts);

/// How a training ended.
struct TrainingResult {
  TrainState state;
  bool stopped = false;           ///< before its end, with a checkpoint
  int stop_signal = 0;            ///< the signal that stopped it; 0: none did
  double seconds = 0;             ///< of this session, validation and checkpoints included
  double samples_per_second = 0;  ///< of its training steps
};

/// The loop: batches, loss, gradients, optimizer, validation, checkpoints. It knows no task,
/// dataset or network by name.
///
/// A training that is resumed goes on as if it had never stopped: bit-equal with the same number of
/// threads. Signals are looked at after every step, also while it validates.
class Trainer {
 public:
  /// `folder` and `progress` outlive the trainer.
  Trainer(TrainingParts parts, const RunFolder& folder, Progress& progress);

  /// Restores the checkpoint; to be called before `run`, if at all.
  void resume(const std::filesystem::path& checkpoint);
  const TrainState& state() const { return state_; }
  int64_t steps_per_epoch() const;
  int64_t samples_per_epoch() const { return loader_.samples(); }
  int64_t steps() const { return steps_per_epoch() * parts_.options.epochs; }

  /// Trains to the end, or until a signal comes.
  /// Throws: mixwright::Error where loss or gradients are not finite; the last checkpoint is from
  /// before.
  TrainingResult run();

 private:
  /// What a step leaves on its device until somebody needs it.
  struct StepOutcome {
    int64_t step = 0;
    torch::Tensor loss;     // the mean over the step's samples
    torch::Tensor penalty;  // undefined: none
    GradientNorms norms;
    std::vector<Batch> batches;  // indices alone where it is looked at later than at once
  };

  bool measure_beginning();  // false: stopped
  bool train_epoch();        // false: stopped
  void train_step();
  void add_gradients(Batch batch, int64_t step_samples, StepOutcome& outcome);
  void move_weights(const StepOutcome& outcome);
  void measure(const torch::Tensor& output, const Batch& batch);
  bool settle();  // false: the last step is to be left out
  void leave_out(const StepOutcome& outcome, double loss, double norm);
  void write_train_line();
  bool finish_epoch();  // false: stopped
  bool validate(bool& is_best);
  void save(bool is_best);
  Snapshot snapshot();
  bool stop_wanted() const;
  int64_t step_in_epoch() const;
  void show_progress();
  double seconds_left() const;
  double epochs_done() const;

  TrainingParts parts_;
  const RunFolder& folder_;
  Progress& progress_;
  Checkpoints checkpoints_;
  std::unique_ptr<Optimizer> optimizer_;
  std::unique_ptr<MovingAverage> average_;  // null: none is kept
  PartHooks hooks_;
  data::BatchLoader loader_;
  data::SampleSource validation_;
  std::optional<MetricsLog> log_;
  std::optional<LiveCurves> curves_;  // while it runs
  TrainState state_;

  std::vector<StepOutcome> pending_;
  std::vector<Metric> shown_metrics_;        // of the last measured batch, smoothed
  std::vector<torch::Tensor> kept_buffers_;  // from before the step, where steps may be left out
  GradientNorms last_norms_;
  double learning_rate_ = 0;
  std::chrono::steady_clock::time_point session_begin_;
  std::chrono::steady_clock::time_point interval_begin_;
  int64_t interval_samples_ = 0;
  double interval_waited_ = 0;
  double training_seconds_ = 0;  // of this session's steps alone
  int64_t training_samples_ = 0;
  int64_t session_steps_ = 0;
  double seconds_before_ = 0;  // of earlier sessions
};

}  // namespace mixwright::train
