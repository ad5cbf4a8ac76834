#include "framework/train/moving_average.h"

#include <algorithm>

#include <ATen/ops/_foreach_lerp.h>

#include "framework/train/tensor_state.h"

namespace mixwright::train {

MovingAverage::MovingAverage(const model::Network& network, const AverageOptions& options)
    : options_(options) {
  const torch::NoGradGuard no_grad;
  for (const auto& [name, tensor] : network.state()) {
    if (!tensor.is_floating_point()) continue;  // a count
    names_.push_back(name);
    values_.push_back(tensor);
    averages_.push_back(tensor.detach().clone());
  }
}

void MovingAverage::update(int64_t step) {
  const torch::NoGradGuard no_grad;
  const auto n = static_cast<double>(step);
  const double decay =
      options_.warmup ? std::min(options_.decay, (1.0 + n) / (10.0 + n)) : options_.decay;
  at::_foreach_lerp_(averages_, values_, 1.0 - decay);
}

void MovingAverage::exchange() {
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < values_.size(); ++i) {
    const torch::Tensor kept = values_[i].detach().clone();
    values_[i].copy_(averages_[i]);
    averages_[i].copy_(kept);
  }
}

std::vector<model::NamedTensor> MovingAverage::state() const {
  std::vector<model::NamedTensor> result;
  for (size_t i = 0; i < names_.size(); ++i) result.emplace_back(names_[i], averages_[i]);
  return result;
}

void MovingAverage::load(const std::map<std::string, torch::Tensor>& state) {
  restore_tensors(this->state(), state, "the average of the weights");
}

AveragedWeights::AveragedWeights(MovingAverage* average) : average_(average) {
  if (average_ != nullptr) average_->exchange();
}

AveragedWeights::~AveragedWeights() {
  if (average_ != nullptr) average_->exchange();
}

}  // namespace mixwright::train
