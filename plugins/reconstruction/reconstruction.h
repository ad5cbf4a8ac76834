#pragma once

#include <memory>

#include <mixwright/task.h>

#include "corruption.h"

struct ReconstructionOptions {
  double noise = 0;
  Hidden hide = Hidden::kNothing;
  double hide_share = 0.5;
  double hide_chance = 1;
  double range = 1;
};

MIXWRIGHT_OPTIONS(
    ReconstructionOptions,
    field("noise", &ReconstructionOptions::noise)
        .at_least(0)
        .doc("deviation of the normal noise on every value, in the units of normalised inputs"),
    field("hide", &ReconstructionOptions::hide)
        .doc("a part of the sample whose values become 0, which is the mean of normalised inputs: "
             "from the end or the beginning of the grid's first axis (lower, upper) or second "
             "(right, left), or places at random"),
    field("hide_share", &ReconstructionOptions::hide_share)
        .at_least(0)
        .at_most(1)
        .doc("how much of a sample is hidden"),
    field("hide_chance", &ReconstructionOptions::hide_chance)
        .at_least(0)
        .at_most(1)
        .doc("in how many of the samples something is hidden; the others have their noise alone"),
    field("range", &ReconstructionOptions::range)
        .at_least(1e-12)
        .doc("between the least and the greatest value that samples can have before they are "
             "normalised, for PSNR: 1 for pictures"))

/// Values out of a damaged copy of themselves: denoising, completion, or a plain auto-encoder.
///
///   the network is given x + noise, with 0 in the places that are hidden
///   loss = mean (output - x)^2, over all values, hidden or not
///   PSNR = 10 log10(range^2 / MSE) dB, MSE the mean over all samples of (s (output - x))^2
///
/// with x the normalised sample and s the deviation that it was normalised by, so that MSE is in
/// the units in which pictures lie in 0 to 1. Outputs are not cut to that range. PSNR ends at 200.
/// What is damaged is a function of the run's seed, epoch and sample in training, in evaluations of
/// the sample alone: two runs, or one at two times, are measured on the same questions.
///
/// Shape: output [B, *grid, C] as the inputs, which become the targets; classes are not looked at.
/// Throws: Error for inputs that are no values, for an output of another shape, and for left or
/// right of a grid with one axis.
/// Source: denoising P. Vincent et al. 2008, ICML, section 2.3.
/// Deviates: the noise is normal, not masking alone.
class Reconstruction final : public mixwright::Task, public mixwright::MakesQuestions {
 public:
  using Options = ReconstructionOptions;
  explicit Reconstruction(const Options& options) : options_(options) {}
  void prepare(mixwright::Batch& batch,
               const mixwright::DatasetInfo& info,
               std::span<mixwright::SampleRandom> random) const override;
  torch::Tensor loss(const torch::Tensor& output, const mixwright::Batch& batch) const override;
  std::unique_ptr<mixwright::Score> score(const mixwright::DatasetInfo& info) const override;

 private:
  ReconstructionOptions options_;
};
