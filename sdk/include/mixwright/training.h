#pragma once

#include <cstdint>
#include <string>

#include <torch/torch.h>

#include <mixwright/export.h>

namespace mixwright {

/// Where a training is when a step has moved the weights; see Part::after_step.
struct MIXWRIGHT_API TrainingStep {
  int64_t step = 0;   ///< steps taken, this one included
  int64_t steps = 0;  ///< of the whole training
  double epoch = 0;   ///< epochs done, with the fraction of the present one
  double learning_rate = 0;
};

/// Where a part tells what it measured of itself; see Part::report.
class MIXWRIGHT_API Report {
 public:
  virtual ~Report();
  /// A value of metrics.jsonl, under `parts` by the part's path and this name, and a curve in
  /// TensorBoard.
  virtual void number(const std::string& name, double value) = 0;
  /// Whether pictures are asked for now; they are at the end of an epoch.
  virtual bool wants_pictures() const = 0;
  /// A picture [H, W], [H, W, 1] or [H, W, 3] of values in 0 to 1, which becomes a
  /// PNG file in the run's `plots/`, named by the part's path and this name, each time anew. Small
  /// ones are enlarged.
  virtual void picture(const std::string& name, const torch::Tensor& picture) = 0;
};

}  // namespace mixwright
