#pragma once

#include <memory>
#include <string>

#include <mixwright/dataset.h>
#include <mixwright/task.h>
#include <mixwright/teaching.h>

#include "framework/config/train_options.h"
#include "framework/data/picture_sample.h"
#include "framework/model/load.h"
#include "framework/model/network.h"

namespace mixwright::train {

/// Where the pupil stands: what a teacher must fit.
struct Pupil {
  std::string task_name;  ///< for errors
  std::shared_ptr<const Task> task;
  data::SampleFacts info;  ///< of its data
  torch::Device device = torch::kCPU;
  bool bfloat16 = false;
};

/// A trained network that helps to train another (knowledge distillation).
///
///   loss = (1 - w) own + w teacher_loss(answer, teacher(x))
///
/// with w = train.teacher.weight. It answers in evaluation mode and without gradients, in the
/// pupil's precision, to the inputs that the pupil sees: augmented, mixed and normalised anew for
/// it where it was trained with other constants. It draws no random number.
/// Source: G. Hinton et al. 2015, arXiv:1503.02531; H. Touvron et al. 2021, arXiv:2012.12877.
class Teacher {
 public:
  /// Options that name the very same weights wherever and whenever the program is started: absolute
  /// paths, `best` and `last` as the step that they are now. What is not there stays as it is.
  static TeacherOptions pinned(TeacherOptions options);

  /// Throws: UsageError for a task that learns from no teacher, a `from` that is neither run nor
  /// config, weights that are missing or too many, and inputs or classes that differ.
  Teacher(const TeacherOptions& options, Pupil pupil, const model::PluginSource& plugins);

  /// The loss of a batch out of the task's own. `answer` is the pupil's to the teacher; `inputs`
  /// are those of the pupil.
  torch::Tensor taught_loss(const torch::Tensor& own,
                            const torch::Tensor& answer,
                            const torch::Tensor& inputs) const;

  /// What was taken, for the log: `runs/large/checkpoints/step-900`.
  const std::string& source() const { return source_; }

 private:
  void take_run(const model::PluginSource& plugins);
  void take_config(const model::PluginSource& plugins);

  TeacherOptions options_;
  Pupil pupil_;
  const LearnsFromTeacher* lesson_ = nullptr;  // the task, as what compares with a teacher
  std::shared_ptr<model::Network> network_;
  data::SampleFacts info_;  // of the data that it was trained on
  std::string source_;
};

}  // namespace mixwright::train
