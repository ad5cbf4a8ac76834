#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <mixwright/component.h>
#include <mixwright/dataset.h>
#include <mixwright/options.h>
#include <mixwright/task.h>

#include "framework/config/optimizer_options.h"

namespace mixwright {

enum class ScheduleType { kConstant, kCosine, kOneCycle, kStep };

MIXWRIGHT_CHOICES(ScheduleType,
                  choice("constant", ScheduleType::kConstant),
                  choice("cosine", ScheduleType::kCosine),
                  choice("one_cycle", ScheduleType::kOneCycle),
                  choice("step", ScheduleType::kStep))

/// `schedule = { type = "cosine", … }`: the learning rate as a function of the step alone.
struct ScheduleOptions {
  ScheduleType type = ScheduleType::kCosine;
  double warmup = 0.1;
  double start = 0.04;
  double end = 1e-3;
  double cooldown = 0;
  std::vector<double> milestones = {0.5, 0.75};
  double gamma = 0.1;
};

MIXWRIGHT_OPTIONS(
    ScheduleOptions,
    field("type", &ScheduleOptions::type)
        .doc("constant; cosine (linear warm-up, then half a cosine); one_cycle (half a cosine up, "
             "half a cosine down, arXiv:1708.07120); step (linear warm-up, then a fall at each "
             "milestone)"),
    field("warmup", &ScheduleOptions::warmup)
        .at_least(0)
        .at_most(1)
        .doc("share of all steps until the highest rate"),
    field("start", &ScheduleOptions::start)
        .at_least(0)
        .at_most(1)
        .doc("rate of the first step, as a share of the highest"),
    field("end", &ScheduleOptions::end)
        .at_least(0)
        .at_most(1)
        .doc("rate of the last step, as a share of the highest; cosine and one_cycle"),
    field("cooldown", &ScheduleOptions::cooldown)
        .at_least(0)
        .at_most(1)
        .doc("share of all steps, the last ones, that keep the rate `end`; cosine and one_cycle"),
    field("milestones", &ScheduleOptions::milestones)
        .at_least(0)
        .at_most(1)
        .doc("where the rate falls, as shares of all steps; step"),
    field("gamma", &ScheduleOptions::gamma).at_least(0).at_most(1).doc("factor of each fall; step"))

/// In which numbers the network computes; weights, gradients and moments are float32 in each.
enum class Precision { kFloat32, kBfloat16, kAuto };

MIXWRIGHT_CHOICES(Precision,
                  choice("float32", Precision::kFloat32),
                  choice("bfloat16", Precision::kBfloat16),
                  choice("auto", Precision::kAuto))

/// How often the state is saved, and how much of it stays.
struct CheckpointOptions {
  int64_t every_epochs = 1;
  int64_t every_steps = 0;
  int64_t keep = 2;
};

MIXWRIGHT_OPTIONS(
    CheckpointOptions,
    field("every_epochs", &CheckpointOptions::every_epochs)
        .at_least(0)
        .doc("epochs between checkpoints; 0: none at the end of an epoch but the last"),
    field("every_steps", &CheckpointOptions::every_steps)
        .at_least(0)
        .doc("steps between checkpoints within an epoch; 0: none"),
    field("keep", &CheckpointOptions::keep)
        .at_least(1)
        .doc("newest checkpoints that stay; the best one always does"))

/// What becomes of a step whose loss, gradient or input is not finite.
enum class NotFinite { kStop, kSkip };

MIXWRIGHT_CHOICES(NotFinite, choice("stop", NotFinite::kStop), choice("skip", NotFinite::kSkip))

/// `ema = { decay = 0.999 }`: an average of the weights over the steps.
struct AverageOptions {
  double decay = 0;
  bool warmup = true;
};

MIXWRIGHT_OPTIONS(
    AverageOptions,
    field("decay", &AverageOptions::decay)
        .at_least(0)
        .at_most(1)
        .doc(
            "share of the average that stays at each step, 0.999 to 0.9999; 0: no average is kept"),
    field("warmup", &AverageOptions::warmup)
        .doc("smaller at first: at most (1 + n) / (10 + n) after n steps, so that the average "
             "forgets the random beginning"))

/// `start = { from = "runs/first", except = ["head.{rest:*}"] }`: fine-tuning.
struct StartOptions {
  std::string from;
  std::vector<std::string> except;
};

MIXWRIGHT_OPTIONS(
    StartOptions,
    field("from", &StartOptions::from)
        .doc(
            "a run's folder, a checkpoint's folder or a safetensors file with the weights to begin "
            "with; relative paths start at the current folder; empty: initialised"),
    field("except", &StartOptions::except)
        .doc("patterns of the tensors that begin fresh, such as head.{rest:*} for a new head"))

/// `teacher = { from = "runs/large" }`: knowledge distillation.
struct TeacherOptions {
  std::string from;
  std::string checkpoint;
  std::string weights;
  double weight = 0.5;
};

MIXWRIGHT_OPTIONS(
    TeacherOptions,
    field("from", &TeacherOptions::from)
        .doc("the folder of a run that taught itself the same classes on inputs of the same size, "
             "or a config; relative paths start at the current folder; empty: no teacher"),
    field("checkpoint", &TeacherOptions::checkpoint)
        .doc("of a run: best, last or step-N; empty: the best"),
    field("weights", &TeacherOptions::weights)
        .doc("of a config: the safetensors file with its weights"),
    field("weight", &TeacherOptions::weight)
        .at_least(0)
        .at_most(1)
        .doc("share of the teacher's loss in the loss; the rest is the task's own"))

/// The `[train]` table: the recipe.
struct TrainOptions {
  Component<Task> task;
  int64_t epochs = 10;
  int64_t batch_size = 128;
  int64_t accumulate = 1;
  int64_t repeats = 1;
  bool drop_last = false;
  StartOptions start;
  TeacherOptions teacher;
  OptimizerOptions optimizer;
  ScheduleOptions schedule;
  double clip_norm = 0;
  AverageOptions ema;
  NotFinite not_finite = NotFinite::kStop;
  std::vector<Component<Transform>> transforms;
  double holdout = 0;
  int64_t validate_every = 1;
  CheckpointOptions checkpoint;
  int64_t log_every = 50;
  int64_t workers = 1;
  int64_t prefetch = 4;
  int64_t threads = 0;
  std::string device = "auto";
  Precision precision = Precision::kFloat32;
};

MIXWRIGHT_OPTIONS(
    TrainOptions,
    field("task", &TrainOptions::task).required().doc("what is trained for: loss and metrics"),
    field("epochs", &TrainOptions::epochs)
        .at_least(0)
        .doc("times that every sample is seen; 0: the network is measured as it begins"),
    field("batch_size", &TrainOptions::batch_size)
        .at_least(1)
        .doc("samples that go through the network at once"),
    field("accumulate", &TrainOptions::accumulate)
        .at_least(1)
        .doc("batches whose gradients make one step, as one batch of all their samples would"),
    field("repeats", &TrainOptions::repeats)
        .at_least(1)
        .doc("how often an epoch takes a sample in a row, augmented anew each time "
             "(arXiv:1902.05509); it takes as many samples fewer, chosen anew in each epoch"),
    field("drop_last", &TrainOptions::drop_last)
        .doc("leave out an epoch's last batch where it is smaller than the others"),
    field("start", &TrainOptions::start).doc("weights of an earlier training to begin with"),
    field("teacher", &TrainOptions::teacher)
        .doc("a trained network whose answers are learned besides, where the task can"),
    field("optimizer", &TrainOptions::optimizer).doc("how weights are moved"),
    field("schedule", &TrainOptions::schedule).doc("learning rate over the steps"),
    field("clip_norm", &TrainOptions::clip_norm)
        .at_least(0)
        .doc("longest gradient over all parameters (2-norm); 0: not clipped"),
    field("ema", &TrainOptions::ema)
        .doc("average of the weights, which is validated and evaluated in their place"),
    field("not_finite", &TrainOptions::not_finite)
        .doc("what a loss, gradient or input with NaN or infinity does: stop ends the training, "
             "skip "
             "leaves the step out and ends it after 20 in a row"),
    field("transforms", &TrainOptions::transforms)
        .doc("augmentations of a training sample, applied in this order"),
    field("holdout", &TrainOptions::holdout)
        .at_least(0)
        .at_most(0.9)
        .doc("share of the training samples kept for validation; 0: validates on the test split"),
    field("validate_every", &TrainOptions::validate_every)
        .at_least(1)
        .doc("epochs between validations; the last epoch is always validated"),
    field("checkpoint", &TrainOptions::checkpoint).doc("when the state is saved"),
    field("log_every", &TrainOptions::log_every)
        .at_least(1)
        .doc("steps between lines of metrics.jsonl"),
    field("workers", &TrainOptions::workers)
        .at_least(0)
        .doc("threads that read batches ahead; 0: the training thread reads them itself"),
    field("prefetch", &TrainOptions::prefetch).at_least(1).doc("batches read ahead at most"),
    field("threads", &TrainOptions::threads)
        .at_least(0)
        .doc("threads of LibTorch's operators; 0: as many as LibTorch chooses"),
    field("device", &TrainOptions::device).doc("auto, cpu, cuda or cuda:N"),
    field("precision", &TrainOptions::precision)
        .doc("of products and convolutions: bfloat16 computes them by LibTorch's autocast with "
             "float32 weights; auto does so where processor or GPU has instructions for it (AMX, "
             "AVX512-BF16; compute capability 8.0)"))

}  // namespace mixwright
