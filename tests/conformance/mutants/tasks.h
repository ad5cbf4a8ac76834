#pragma once

#include <memory>
#include <string>

#include <mixwright/task.h>

// A task that breaks one promise.

namespace mutants {

/// The mean of squared errors, which is all that it can be asked for.
class MeanSquare final : public mixwright::Score {
 public:
  void add(const torch::Tensor& output, const mixwright::Batch& batch) override {
    sum_ += (output - batch.targets).square().mean().item<double>();
  }
  std::vector<mixwright::Metric> metrics() const override { return {{"error", sum_, false}}; }

 private:
  double sum_ = 0;
};

/// Draws its noise by LibTorch's generator, so that neither workers nor a resume may come.
class AsksByItself final : public mixwright::Task, public mixwright::MakesQuestions {
 public:
  void prepare(mixwright::Batch& batch,
               const mixwright::DatasetInfo&,
               std::span<mixwright::SampleRandom>) const override {
    batch.targets = batch.inputs;
    batch.inputs = batch.inputs + torch::randn_like(batch.inputs);
  }
  torch::Tensor loss(const torch::Tensor& output, const mixwright::Batch& batch) const override {
    return torch::mse_loss(output, batch.targets);
  }
  std::unique_ptr<mixwright::Score> score(const mixwright::DatasetInfo&) const override {
    return std::make_unique<MeanSquare>();
  }
};

}  // namespace mutants
