#pragma once

#include <torch/torch.h>

#include <mixwright/export.h>
#include <mixwright/kinds.h>

namespace mixwright {

/// A task that a teacher can help with: it also says how far an answer is from that of a network
/// that was trained before (knowledge distillation). A task derives from it beside its kind:
///
///   class Classification final : public Task, public LearnsFromTeacher { … };
///
/// The host makes (1 - weight) loss + weight teacher_loss of a batch where `[train.teacher]` names
/// a teacher, and refuses one for tasks that do not.
class MIXWRIGHT_API LearnsFromTeacher {
 public:
  virtual ~LearnsFromTeacher();
  /// Mean loss of a batch, a scalar. `teacher` is what the teacher gives for the very inputs that
  /// `output` is the answer to, augmented and mixed as they are, without gradients.
  virtual torch::Tensor teacher_loss(const torch::Tensor& output,
                                     const torch::Tensor& teacher) const = 0;
};

/// What a head gives while a teacher helps.
struct MIXWRIGHT_API TaughtAnswers {
  torch::Tensor to_task;     ///< compared with the targets
  torch::Tensor to_teacher;  ///< compared with the teacher's answer
};

/// A head with an answer of its own for the teacher, beside the one for the targets. A head that is
/// none gives both the same answer.
class MIXWRIGHT_API AnswersTeacher {
 public:
  virtual ~AnswersTeacher();
  virtual TaughtAnswers taught_answers(const Features& features) = 0;
};

}  // namespace mixwright
