#pragma once

#include <memory>
#include <span>
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

/// Pictures in rows and columns that a person looks at at the end: what went in, what came out, …
/// Drawn into the run's `plots/`.
struct MIXWRIGHT_API Sheet {
  std::string name;               ///< of the file, without its ending
  std::vector<std::string> rows;  ///< what each row shows
  torch::Tensor pictures;         ///< [rows, columns, H, W, 1 or 3] of values in 0 to 1
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

/// A score that has pictures to show besides. It derives from this beside Score.
class MIXWRIGHT_API ShowsSheets {
 public:
  virtual ~ShowsSheets();
  virtual std::vector<Sheet> sheets() const = 0;
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

/// A task that makes the question itself: hides a part of the inputs, adds noise, sets targets. It
/// derives from this beside Task; of others both stay as the dataset gave them.
class MIXWRIGHT_API MakesQuestions {
 public:
  virtual ~MakesQuestions();
  /// Makes of samples what the network is asked and what its answer is compared with.
  ///
  /// Comes after transforms and normalisation. `random` has one source for each sample: in training
  /// the one that its transforms have drawn from, so that a resumed training asks the same; in an
  /// evaluation one that depends on the sample alone, so that every evaluation does.
  /// Thread: called from several threads at once.
  virtual void prepare(Batch& batch,
                       const DatasetInfo& info,
                       std::span<SampleRandom> random) const = 0;
};

}  // namespace mixwright
