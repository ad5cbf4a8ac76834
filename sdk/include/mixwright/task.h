#pragma once

#include <memory>
#include <string>
#include <vector>

#include <mixwright/dataset.h>

namespace mixwright {

/// One figure of an evaluation.
struct MIXWRIGHT_API Metric {
  std::string name;  ///< `accuracy`, `loss`
  double value = 0;
  bool higher_is_better = true;
  bool percent = false;  ///< a fraction that people read as per cent
};

/// Rows that a person reads at the end: accuracy per class, …
struct MIXWRIGHT_API Table {
  std::string title;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

/// One answer to one sample.
struct MIXWRIGHT_API Prediction {
  std::string label;       ///< the class's name
  double probability = 0;  ///< in 0 to 1
};

/// Accumulates an evaluation over batches.
class MIXWRIGHT_API Score {
 public:
  virtual ~Score();
  virtual void add(const torch::Tensor& output, const Batch& batch) = 0;
  /// The first metric decides which checkpoint is best.
  virtual std::vector<Metric> metrics() const = 0;
  virtual std::vector<Table> tables() const;
};

/// What the network is trained for: loss and metrics.
class MIXWRIGHT_API Task {
 public:
  using Interface = Task;
  static constexpr const char* kKind = "task";
  virtual ~Task();
  /// Mean loss of a batch, a scalar.
  virtual torch::Tensor loss(const torch::Tensor& output, const Batch& batch) const = 0;
  virtual std::unique_ptr<Score> score(const DatasetInfo& info) const = 0;
  /// What the network answers to each sample of a batch: at most `most` answers, the most probable
  /// first. Empty, as by default: the task says nothing of a single sample.
  virtual std::vector<std::vector<Prediction>> predictions(const torch::Tensor& output,
                                                           const DatasetInfo& info,
                                                           int64_t most) const;
};

}  // namespace mixwright
