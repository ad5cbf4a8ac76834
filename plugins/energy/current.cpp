#include "current.h"

#include "meeting.h"
#include "sums.h"

namespace mixwright::energy {

Current::Current(const Options& options, const BuildContext& context) {
  const Shape& layer = meeting_layers(context, 1, 1).front();
  std::vector<int64_t> sizes;
  if (options.of != CurrentOf::kChannels) sizes = layer.grid;
  sizes.push_back(options.of == CurrentOf::kTokens ? 1 : layer.channels);
  bias_ = register_parameter("bias", torch::zeros(sizes));
}

torch::Tensor Current::energy(const std::vector<torch::Tensor>& g) const {
  return -sum_of_sample(g[0] * bias_);
}

torch::Tensor Current::gradient(const std::vector<torch::Tensor>& g, size_t) const {
  return -bias_.expand_as(g[0]);
}

}  // namespace mixwright::energy
