#include "framework/train/update_rules.h"

#include <cmath>
#include <utility>

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_addcmul.h>
#include <ATen/ops/_foreach_div.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_foreach_sqrt.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/_fused_sgd.h>

namespace mixwright::train {

AdamW::AdamW(std::vector<TrainedTensor> tensors, const OptimizerOptions& options)
    : Optimizer(std::move(tensors), options, {"exp_avg", "exp_avg_sq"}) {}

void AdamW::move(const Group& group) {
  // The kernel wants the count of steps as a tensor for each weight, on the device.
  const torch::Tensor count =
      torch::full({},
                  static_cast<double>(steps()),
                  torch::TensorOptions(torch::kFloat32).device(group.weights.front().device()));
  const std::vector<torch::Tensor> counts(group.weights.size(), count);
  at::_fused_adamw_(group.weights,
                    group.gradients,
                    group.slots[0],
                    group.slots[1],
                    {},
                    counts,
                    group.lr,
                    options().beta1,
                    options().beta2,
                    group.weight_decay,
                    options().eps,
                    /*amsgrad=*/false,
                    /*maximize=*/false);
}

Sgd::Sgd(std::vector<TrainedTensor> tensors, const OptimizerOptions& options)
    : Optimizer(std::move(tensors), options, {"momentum_buffer"}) {}

void Sgd::move(const Group& group) {
  const bool has_momentum = options().momentum > 0;
  const std::vector<torch::Tensor> none;
  at::_fused_sgd_(group.weights,
                  group.gradients,
                  has_momentum ? group.slots[0] : none,
                  group.weight_decay,
                  options().momentum,
                  group.lr,
                  /*dampening=*/0.0,
                  /*nesterov=*/has_momentum && options().nesterov,
                  /*maximize=*/false,
                  /*is_first_step=*/false);  // the buffer starts at zero, which is the same
}

Lamb::Lamb(std::vector<TrainedTensor> tensors, const OptimizerOptions& options)
    : Optimizer(std::move(tensors), options, {"exp_avg", "exp_avg_sq"}) {}

void Lamb::move(const Group& group) {
  const std::vector<torch::Tensor>& first = group.slots[0];
  const std::vector<torch::Tensor>& second = group.slots[1];
  const auto count = static_cast<double>(steps());
  at::_foreach_lerp_(first, group.gradients, 1.0 - options().beta1);
  at::_foreach_mul_(second, options().beta2);
  at::_foreach_addcmul_(second, group.gradients, group.gradients, 1.0 - options().beta2);

  std::vector<torch::Tensor> divisors = at::_foreach_sqrt(second);
  at::_foreach_div_(divisors, std::sqrt(1.0 - std::pow(options().beta2, count)));
  at::_foreach_add_(divisors, options().eps);
  std::vector<torch::Tensor> moves =
      at::_foreach_div(first, 1.0 - std::pow(options().beta1, count));
  at::_foreach_div_(moves, divisors);

  if (group.weight_decay > 0) {
    at::_foreach_add_(moves, group.weights, group.weight_decay);
    const std::vector<torch::Tensor> weight_lengths = at::_foreach_norm(group.weights);
    const std::vector<torch::Tensor> move_lengths = at::_foreach_norm(moves);
    for (size_t i = 0; i < moves.size(); ++i) {
      const torch::Tensor both = (weight_lengths[i] > 0).logical_and(move_lengths[i] > 0);
      const torch::Tensor ratio = weight_lengths[i] / move_lengths[i];
      moves[i].mul_(torch::where(both, ratio, torch::ones_like(ratio)));
    }
  }
  at::_foreach_add_(group.weights, moves, -group.lr);
}

}  // namespace mixwright::train
