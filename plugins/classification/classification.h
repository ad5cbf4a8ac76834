#pragma once

#include <memory>

#include <mixwright/task.h>

struct ClassificationOptions {
  double label_smoothing = 0;
};

MIXWRIGHT_OPTIONS(ClassificationOptions,
                  field("label_smoothing", &ClassificationOptions::label_smoothing)
                      .at_least(0)
                      .at_most(1)
                      .doc("share of the target that is spread over all classes; only in training"))

/// One class per sample: cross-entropy loss, accuracy per class and over all.
///
/// loss = -sum_k q_k log softmax(output)_k, q = (1 - s) onehot(target) + s / K.
/// Shape: output [B, K], targets [B] int64.
/// Source: label smoothing C. Szegedy et al. 2016, arXiv:1512.00567, section 7.
class Classification final : public mixwright::Task {
 public:
  using Options = ClassificationOptions;
  explicit Classification(const Options& options) : label_smoothing_(options.label_smoothing) {}
  torch::Tensor loss(const torch::Tensor& output, const mixwright::Batch& batch) const override;
  std::unique_ptr<mixwright::Score> score(const mixwright::DatasetInfo& info) const override;
  /// softmax(output), the greatest first; a class without a name is its index.
  std::vector<std::vector<mixwright::Prediction>> predictions(const torch::Tensor& output,
                                                              const mixwright::DatasetInfo& info,
                                                              int64_t most) const override;

 private:
  double label_smoothing_;
};
