#pragma once

#include <memory>

#include <mixwright/task.h>
#include <mixwright/teaching.h>

/// What of a teacher's scores is learned: the class that it chooses, or all of them.
enum class Distillation { kHard, kSoft };
MIXWRIGHT_CHOICES(Distillation,
                  choice("hard", Distillation::kHard),
                  choice("soft", Distillation::kSoft))

struct ClassificationOptions {
  double label_smoothing = 0;
  Distillation distillation = Distillation::kHard;
  double temperature = 1;
};

MIXWRIGHT_OPTIONS(
    ClassificationOptions,
    field("label_smoothing", &ClassificationOptions::label_smoothing)
        .at_least(0)
        .at_most(1)
        .doc("share of the target that is spread over all classes; only in training"),
    field("distillation", &ClassificationOptions::distillation)
        .doc("what is learned from train.teacher, where there is one: hard, the class that it "
             "chooses; soft, all its scores"),
    field("temperature", &ClassificationOptions::temperature)
        .at_least(1e-3)
        .doc("divides both sides' scores before soft compares them"))

/// One class per sample: cross-entropy loss, accuracy per class and over all.
///
/// loss = -sum_k q_k log softmax(output)_k, q = (1 - s) onehot(target) + s / K.
/// From a teacher with scores t, at temperature T:
///   hard: -log softmax(output)_k, k = argmax t;
///   soft: T^2 / K KL(softmax(t / T) || softmax(output / T)).
/// Shape: output and t [B, K], targets [B] int64.
/// Source: label smoothing C. Szegedy et al. 2016, arXiv:1512.00567, section 7; soft G. Hinton et
///   al. 2015, arXiv:1503.02531, divided by K as in facebookresearch/deit losses.py; hard H.
///   Touvron et al. 2021, arXiv:2012.12877 eq. 3.
class Classification final : public mixwright::Task, public mixwright::LearnsFromTeacher {
 public:
  using Options = ClassificationOptions;
  explicit Classification(const Options& options) : options_(options) {}
  torch::Tensor loss(const torch::Tensor& output, const mixwright::Batch& batch) const override;
  torch::Tensor teacher_loss(const torch::Tensor& output,
                             const torch::Tensor& teacher) const override;
  std::unique_ptr<mixwright::Score> score(const mixwright::DatasetInfo& info) const override;
  /// softmax(output), the greatest first; a class without a name is its index.
  std::vector<std::vector<mixwright::Prediction>> predictions(const torch::Tensor& output,
                                                              const mixwright::DatasetInfo& info,
                                                              int64_t most) const override;

 private:
  Options options_;
};
