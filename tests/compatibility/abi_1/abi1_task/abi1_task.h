#pragma once

#include <mixwright/task.h>

struct Abi1TaskOptions {
  double gamma = 1.0;
};
MIXWRIGHT_OPTIONS(Abi1TaskOptions,
                  field("gamma", &Abi1TaskOptions::gamma)
                      .at_least(0)
                      .doc("how little a sample counts that is right already; 0: cross-entropy"))

/// Classification that looks away from what it knows.
///
///   loss = mean_b -(1 - p_b)^gamma log p_b,  p_b the probability of sample b's class
///
/// Shape: output [B, classes], targets [B] class indices.
/// Source: replace by authors, year, arXiv id and equation.
/// Deviates: none.
class Abi1Task final : public mixwright::Task {
 public:
  using Options = Abi1TaskOptions;
  explicit Abi1Task(const Options& options) : gamma_(options.gamma) {}
  torch::Tensor loss(const torch::Tensor& output, const mixwright::Batch& batch) const override;
  std::unique_ptr<mixwright::Score> score(const mixwright::DatasetInfo& info) const override;

 private:
  double gamma_;
};
