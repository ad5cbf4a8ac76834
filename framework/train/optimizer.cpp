#include "framework/train/optimizer.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_adamw.h>

#include <mixwright/error.h>
#include <mixwright/kinds.h>

namespace mixwright::train {

namespace {

// In the last word of a parameter's name.
constexpr std::array<std::string_view, 5> kNoDecayWords = {
    "bias", "position", "pos_embed", "class_token", "cls_token"};

std::string_view last_word(std::string_view name) {
  return name.substr(name.rfind('.') + 1);  // npos + 1 is 0
}

bool ends_with_one(std::string_view name, const std::vector<std::string>& endings) {
  return std::any_of(endings.begin(), endings.end(), [&](const std::string& ending) {
    return name.ends_with(ending);
  });
}

std::vector<std::string> normalization_prefixes(const model::Network& network) {
  std::vector<std::string> prefixes;
  for (const auto& module : network.named_modules()) {
    if (dynamic_cast<const Normalization*>(module.value().get()) != nullptr) {
      prefixes.push_back(module.key() + ".");
    }
  }
  return prefixes;
}

}  // namespace

std::vector<TrainedTensor> trained_tensors(const model::Network& network,
                                           const std::vector<std::string>& no_decay) {
  const std::vector<std::string> norms = normalization_prefixes(network);
  const auto in_norm = [&](const std::string& name) {
    return std::any_of(norms.begin(), norms.end(), [&](const std::string& prefix) {
      return name.starts_with(prefix);
    });
  };
  const auto named_so = [](std::string_view word) {
    return std::any_of(kNoDecayWords.begin(), kNoDecayWords.end(), [&](std::string_view known) {
      return word.find(known) != std::string_view::npos;
    });
  };
  std::vector<TrainedTensor> result;
  for (const auto& [name, tensor] : network.trained_parameters()) {
    const bool free = tensor.dim() <= 1 || named_so(last_word(name)) || in_norm(name) ||
                      ends_with_one(name, no_decay);
    result.push_back({name, tensor, !free});
  }
  return result;
}

AdamW::AdamW(std::vector<TrainedTensor> tensors, OptimizerOptions options)
    : tensors_(std::move(tensors)), options_(std::move(options)) {
  for (const TrainedTensor& entry : tensors_) {
    first_moments_.push_back(torch::zeros_like(entry.tensor));
    second_moments_.push_back(torch::zeros_like(entry.tensor));
  }
}

void AdamW::zero_grad() {
  for (TrainedTensor& entry : tensors_) entry.tensor.mutable_grad().reset();
}

std::vector<torch::Tensor> AdamW::gradients() const {
  std::vector<torch::Tensor> result;
  for (const TrainedTensor& entry : tensors_) {
    if (entry.tensor.grad().defined()) result.push_back(entry.tensor.grad());
  }
  return result;
}

torch::Tensor AdamW::clip_gradients(double limit) {
  const torch::NoGradGuard no_grad;
  const std::vector<torch::Tensor> all = gradients();
  if (all.empty()) return torch::zeros({});
  std::vector<torch::Tensor> norms = at::_foreach_norm(all);
  for (torch::Tensor& norm : norms) norm = norm.to(norms.front().device());
  const torch::Tensor length = torch::stack(norms).norm();
  if (limit > 0) {
    // The same small term as in LibTorch's clip_grad_norm_.
    at::_foreach_mul_(all, (limit / (length + 1e-6)).clamp_max(1.0));
  }
  return length;
}

void AdamW::step_group(bool decays, double lr) {
  std::vector<torch::Tensor> weights;
  std::vector<torch::Tensor> grads;
  std::vector<torch::Tensor> first;
  std::vector<torch::Tensor> second;
  std::vector<torch::Tensor> counts;
  for (size_t i = 0; i < tensors_.size(); ++i) {
    const torch::Tensor& weight = tensors_[i].tensor;
    if (tensors_[i].decays != decays || !weight.grad().defined()) continue;
    torch::Tensor& count = step_tensors_[weight.device()];
    if (!count.defined()) {
      count = torch::full({},
                          static_cast<double>(steps_),
                          torch::TensorOptions(torch::kFloat32).device(weight.device()));
    }
    weights.push_back(weight);
    // The kernel walks memory: where a gradient is laid out otherwise than its weight, as of a
    // transposed product, their elements would be matched wrongly.
    grads.push_back(weight.grad().strides() == weight.strides() ? weight.grad()
                                                                : weight.grad().contiguous());
    first.push_back(first_moments_[i]);
    second.push_back(second_moments_[i]);
    counts.push_back(count);
  }
  if (weights.empty()) return;
  at::_fused_adamw_(weights,
                    grads,
                    first,
                    second,
                    {},
                    counts,
                    lr,
                    options_.beta1,
                    options_.beta2,
                    decays ? options_.weight_decay : 0.0,
                    options_.eps,
                    /*amsgrad=*/false,
                    /*maximize=*/false);
}

void AdamW::step(double lr) {
  const torch::NoGradGuard no_grad;
  ++steps_;
  for (auto& [device, count] : step_tensors_) count.fill_(static_cast<double>(steps_));
  step_group(/*decays=*/true, lr);
  step_group(/*decays=*/false, lr);
}

std::vector<model::NamedTensor> AdamW::state() const {
  std::vector<model::NamedTensor> result;
  for (size_t i = 0; i < tensors_.size(); ++i) {
    result.emplace_back("exp_avg." + tensors_[i].name, first_moments_[i]);
    result.emplace_back("exp_avg_sq." + tensors_[i].name, second_moments_[i]);
  }
  return result;
}

void AdamW::load(const std::map<std::string, torch::Tensor>& state, int64_t steps) {
  const torch::NoGradGuard no_grad;
  for (auto& [name, moment] : this->state()) {
    const auto found = state.find(name);
    if (found == state.end()) throw Error("the optimizer's state has no \"" + name + "\"");
    if (found->second.sizes() != moment.sizes()) {
      throw Error("the optimizer's state \"" + name + "\" is " +
                  list_text(found->second.sizes().vec()) + ", " + list_text(moment.sizes().vec()) +
                  " expected");
    }
    moment.copy_(found->second);
  }
  steps_ = steps;
  step_tensors_.clear();
}

}  // namespace mixwright::train
