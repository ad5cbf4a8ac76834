#pragma once

#include <string>
#include <vector>

#include <mixwright/task.h>

/// Refuses an output that is not shaped as the samples.
void check_restored(const torch::Tensor& output, const mixwright::Batch& batch);

/// What is asked of the network.
struct Question {
  std::string name;   ///< of the sheet: `denoising`
  std::string given;  ///< what samples are when the network gets them; empty: undamaged
};

/// PSNR and MSE of outputs and, where samples are damaged, PSNR of what was given; the loss; a
/// sheet of the first samples where they are pictures. Sums stay on the device of the outputs.
class ReconstructionScore final : public mixwright::Score, public mixwright::ShowsSheets {
 public:
  ReconstructionScore(mixwright::DatasetInfo info, Question question, double range);
  void add(const torch::Tensor& output, const mixwright::Batch& batch) override;
  std::vector<mixwright::Metric> metrics() const override;
  std::vector<mixwright::Sheet> sheets() const override;

 private:
  double decibel(const torch::Tensor& squares) const;
  void keep_pictures(const torch::Tensor& output, const mixwright::Batch& batch);

  mixwright::DatasetInfo info_;
  Question question_;
  double range_;
  torch::Tensor deviation_;  // float64 [C] or [1]: a normalised value's unit
  torch::Tensor restored_;   // scalars: sums of squared errors, in the dataset's units
  torch::Tensor given_;
  torch::Tensor loss_;  // the same of normalised values
  int64_t values_ = 0;
  int64_t kept_ = 0;
  std::vector<torch::Tensor> given_pictures_;  // [b, H, W, C] each, at most kShown in all
  std::vector<torch::Tensor> restored_pictures_;
  std::vector<torch::Tensor> original_pictures_;
};
