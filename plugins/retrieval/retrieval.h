#pragma once

#include <memory>
#include <span>

#include <mixwright/task.h>

struct RetrievalOptions {
  double overlap = 0.95;
  double tolerance = 0.5;
};

MIXWRIGHT_OPTIONS(RetrievalOptions,
                  field("overlap", &RetrievalOptions::overlap)
                      .at_least(-1)
                      .at_most(1)
                      .doc("cosine of answer and pattern from which a pattern counts as retrieved"),
                  field("tolerance", &RetrievalOptions::tolerance)
                      .at_least(0)
                      .doc("difference of every value up to which it counts as exact; of patterns "
                           "of -1 and 1 the default lets no wrong sign pass"))

/// Answering a cue with the pattern that it comes from.
///
/// Metrics: `retrieved`, the share of cues whose answer has at least the overlap
/// m = <answer, pattern> / (|answer| |pattern|); `exact`, the share of those that come back value
/// by value; `overlap`, the mean m. The loss is the mean squared error. A
/// dataset that gives no patterns as targets is asked for its own inputs.
/// Shape: output and targets [B, *grid, C].
/// Throws: mixwright::Error where the output is not of the targets' shape.
/// Source: Hopfield 1982, doi:10.1073/pnas.79.8.2554; Amit, Gutfreund, Sompolinsky 1985,
/// doi:10.1103/PhysRevLett.55.1530 (m).
class Retrieval final : public mixwright::Task, public mixwright::MakesQuestions {
 public:
  using Options = RetrievalOptions;
  explicit Retrieval(const Options& options) : options_(options) {}
  void prepare(mixwright::Batch& batch,
               const mixwright::DatasetInfo& info,
               std::span<mixwright::SampleRandom> random) const override;
  torch::Tensor loss(const torch::Tensor& output, const mixwright::Batch& batch) const override;
  std::unique_ptr<mixwright::Score> score(const mixwright::DatasetInfo& info) const override;

 private:
  RetrievalOptions options_;
};
