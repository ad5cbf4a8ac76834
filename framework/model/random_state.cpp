#include "framework/model/random_state.h"

#include <ATen/Context.h>

namespace mixwright::model {

std::vector<torch::Generator> default_generators() {
  std::vector<torch::Generator> result = {at::detail::getDefaultCPUGenerator()};
  if (torch::cuda::is_available()) {
    for (c10::DeviceIndex i = 0; i < torch::cuda::device_count(); ++i) {
      result.push_back(at::globalContext().defaultGenerator(torch::Device(torch::kCUDA, i)));
    }
  }
  return result;
}

RandomState::RandomState() {
  for (torch::Generator& generator : default_generators()) {
    const std::lock_guard guard(generator.mutex());
    states_.push_back(generator.get_state());
  }
}

void RandomState::restore() const {
  std::vector<torch::Generator> generators = default_generators();
  for (size_t i = 0; i < states_.size(); ++i) {
    const std::lock_guard guard(generators[i].mutex());
    generators[i].set_state(states_[i]);
  }
}

}  // namespace mixwright::model
