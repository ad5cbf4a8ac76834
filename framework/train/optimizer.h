#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <torch/torch.h>

#include "framework/train/parameter_groups.h"

namespace mixwright::train {

/// Lengths of gradients before clipping, on their device.
struct GradientNorms {
  torch::Tensor total;  ///< 2-norm over all, a scalar
  torch::Tensor each;   ///< one for each trained tensor, 0 where it has no gradient
};

/// Moves parameters along their gradients. What a rule keeps of earlier steps stands in slots, one
/// tensor for each parameter; base of the rules in this room.
class Optimizer {
 public:
  Optimizer(std::vector<TrainedTensor> tensors,
            OptimizerOptions options,
            const std::vector<std::string>& slots);
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;
  virtual ~Optimizer() = default;

  /// Moves every tensor that has a gradient. `lr` is the rate of this step.
  void step(double lr);
  /// Forgets gradients; the next backward writes them instead of adding.
  void zero_grad();
  /// Lengths of all gradients; where `limit` > 0 and together they are longer, they are scaled to
  /// it. No value leaves the device.
  GradientNorms clip_gradients(double limit);

  int64_t steps() const { return steps_; }
  const std::vector<TrainedTensor>& tensors() const { return tensors_; }

  /// Slots by name: `exp_avg.<parameter>`.
  std::vector<model::NamedTensor> state() const;
  /// Throws: mixwright::Error naming the first tensor that is missing or of another shape.
  void load(const std::map<std::string, torch::Tensor>& state, int64_t steps);

 protected:
  /// Tensors of one device that share rate and decay.
  struct Group {
    double lr = 0;
    double weight_decay = 0;
    std::vector<torch::Tensor> weights;
    std::vector<torch::Tensor> gradients;                ///< laid out as the weights
    std::vector<std::vector<torch::Tensor>> slots = {};  ///< in the order of the constructor's
  };

  virtual void move(const Group& group) = 0;
  const OptimizerOptions& options() const { return options_; }

 private:
  std::vector<Group> groups(double lr) const;

  struct Slot {
    std::string name;
    std::vector<torch::Tensor> tensors;
  };

  std::vector<TrainedTensor> tensors_;
  OptimizerOptions options_;
  std::vector<Slot> slots_;
  int64_t steps_ = 0;
};

/// 2-norms by stage: `stages.0`, `stages.1`, `head`.
std::map<std::string, double> norms_by_part(const GradientNorms& norms,
                                            const std::vector<TrainedTensor>& tensors);

/// The optimizer of a recipe.
std::unique_ptr<Optimizer> make_optimizer(std::vector<TrainedTensor> tensors,
                                          const OptimizerOptions& options);

}  // namespace mixwright::train
