#pragma once

#include <string>

#include <mixwright/task.h>

/// Refuses an output that is not [batch, classes].
void check_scores(const torch::Tensor& scores, const mixwright::DatasetInfo& info);

/// The class's name, or its index where it has none.
std::string class_name(const mixwright::DatasetInfo& info, int64_t index);

/// Accuracy, top-5 accuracy where there are more than five classes, and cross-entropy; a table of
/// the classes and, of up to 200, the confusion matrix. Sums stay on the device of the outputs
/// until they are asked for.
class ClassificationScore final : public mixwright::Score {
 public:
  explicit ClassificationScore(mixwright::DatasetInfo info);
  void add(const torch::Tensor& output, const mixwright::Batch& batch) override;
  std::vector<mixwright::Metric> metrics() const override;
  std::vector<mixwright::Table> tables() const override;

 private:
  mixwright::Table class_table() const;
  mixwright::Table confusion_table() const;

  mixwright::DatasetInfo info_;
  torch::Tensor seen_;       // [K] samples of each class
  torch::Tensor predicted_;  // [K] samples taken for each class
  torch::Tensor correct_;    // [K] samples of each class taken for it
  torch::Tensor confusion_;  // [K * K] of class i taken for j, at i * K + j; undefined: not kept
  torch::Tensor top5_;       // scalar: samples whose class is among the best five
  torch::Tensor loss_;       // scalar: sum of cross-entropies
};
