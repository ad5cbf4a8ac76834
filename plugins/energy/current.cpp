#include "current.h"

#include "actions.h"
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

Action Current::force_into(
    const torch::Tensor& x, Blend blend, const std::vector<torch::Tensor>&, size_t, int64_t) const {
  return [x, blend, flows = bias_.detach().expand_as(x)] {
    keep_of(x, blend.keep);
    x.add_(flows, blend.scale);
  };
}

}  // namespace mixwright::energy
