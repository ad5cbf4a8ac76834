#include "framework/train/optimizer.h"

#include <cmath>
#include <tuple>
#include <utility>

#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>

#include "framework/train/tensor_state.h"
#include "framework/train/update_rules.h"

namespace mixwright::train {

Optimizer::Optimizer(std::vector<TrainedTensor> tensors,
                     OptimizerOptions options,
                     const std::vector<std::string>& slots)
    : tensors_(std::move(tensors)), options_(std::move(options)) {
  for (const std::string& name : slots) {
    Slot slot{name, {}};
    for (const TrainedTensor& entry : tensors_) {
      slot.tensors.push_back(torch::zeros_like(entry.tensor));
    }
    slots_.push_back(std::move(slot));
  }
}

void Optimizer::zero_grad() {
  for (TrainedTensor& entry : tensors_) entry.tensor.mutable_grad().reset();
}

GradientNorms Optimizer::clip_gradients(double limit) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> all;
  for (const TrainedTensor& entry : tensors_) {
    if (entry.tensor.grad().defined()) all.push_back(entry.tensor.grad());
  }
  if (all.empty()) return {torch::zeros({}), torch::zeros({static_cast<int64_t>(tensors_.size())})};
  const std::vector<torch::Tensor> lengths = at::_foreach_norm(all);
  const torch::Tensor none = torch::zeros_like(lengths.front());
  std::vector<torch::Tensor> each;
  for (size_t i = 0, next = 0; i < tensors_.size(); ++i) {
    each.push_back(tensors_[i].tensor.grad().defined() ? lengths[next++].to(none.device()) : none);
  }
  GradientNorms norms;
  norms.each = torch::stack(each);
  norms.total = norms.each.norm();
  if (limit > 0) {
    // The same small term as in LibTorch's clip_grad_norm_.
    at::_foreach_mul_(all, (limit / (norms.total + 1e-6)).clamp_max(1.0));
  }
  return norms;
}

std::vector<Optimizer::Group> Optimizer::groups(double lr) const {
  using Key = std::tuple<double, double, std::string>;
  std::map<Key, Group> groups;
  for (size_t i = 0; i < tensors_.size(); ++i) {
    const TrainedTensor& entry = tensors_[i];
    if (!entry.tensor.grad().defined()) continue;
    Group& group = groups[{entry.lr_factor, entry.weight_decay, entry.tensor.device().str()}];
    group.lr = lr * entry.lr_factor;
    group.weight_decay = entry.weight_decay;
    group.weights.push_back(entry.tensor);
    // Fused kernels walk memory: where a gradient is laid out otherwise than its weight, as of a
    // transposed product, their elements would be matched wrongly.
    const torch::Tensor& gradient = entry.tensor.grad();
    group.gradients.push_back(gradient.strides() == entry.tensor.strides() ? gradient
                                                                           : gradient.contiguous());
    group.slots.resize(slots_.size());
    for (size_t slot = 0; slot < slots_.size(); ++slot) {
      group.slots[slot].push_back(slots_[slot].tensors[i]);
    }
  }
  std::vector<Group> result;
  result.reserve(groups.size());
  for (auto& [key, group] : groups) result.push_back(std::move(group));
  return result;
}

void Optimizer::step(double lr) {
  const torch::NoGradGuard no_grad;
  ++steps_;
  for (const Group& group : groups(lr)) move(group);
}

std::vector<model::NamedTensor> Optimizer::state() const {
  std::vector<model::NamedTensor> result;
  for (size_t i = 0; i < tensors_.size(); ++i) {
    for (const Slot& slot : slots_) {
      result.emplace_back(slot.name + "." + tensors_[i].name, slot.tensors[i]);
    }
  }
  return result;
}

void Optimizer::load(const std::map<std::string, torch::Tensor>& state, int64_t steps) {
  restore_tensors(this->state(), state, "the optimizer's state");
  steps_ = steps;
}

std::map<std::string, double> norms_by_part(const GradientNorms& norms,
                                            const std::vector<TrainedTensor>& tensors) {
  const torch::Tensor each = norms.each.to(torch::kCPU, torch::kFloat64);
  const double* length = each.const_data_ptr<double>();
  std::map<std::string, double> squares;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const std::string& name = tensors[i].name;
    size_t end = name.find('.');
    if (name.starts_with("stages.")) end = name.find('.', end + 1);
    squares[name.substr(0, end)] += length[i] * length[i];
  }
  for (auto& [part, value] : squares) value = std::sqrt(value);
  return squares;
}

std::unique_ptr<Optimizer> make_optimizer(std::vector<TrainedTensor> tensors,
                                          const OptimizerOptions& options) {
  switch (options.type) {
    case OptimizerType::kSgd:
      return std::make_unique<Sgd>(std::move(tensors), options);
    case OptimizerType::kLamb:
      return std::make_unique<Lamb>(std::move(tensors), options);
    case OptimizerType::kAdamW:
      break;
  }
  return std::make_unique<AdamW>(std::move(tensors), options);
}

}  // namespace mixwright::train
