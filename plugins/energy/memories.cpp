#include "memories.h"

#include "meeting.h"

namespace mixwright::energy {

Memories::Memories(const Options& options, const BuildContext& context)
    : beta_(options.beta),
      normalized_(options.normalized),
      weight_(register_parameter(
          "weight",
          torch::randn({units(meeting_layers(context, 1, 1).front()), options.memories}) *
              options.init_std)) {}

void Memories::store(const torch::Tensor& samples) {
  const torch::NoGradGuard no_grad;
  weight_.copy_(samples.flatten(1).t());  // [memories, *grid, C] -> [d, memories]
}

torch::Tensor Memories::patterns() const {
  return normalized_ ? weight_ / weight_.square().sum(0, /*keepdim=*/true).sqrt() : weight_;
}

torch::Tensor Memories::energy(const std::vector<torch::Tensor>& g) const {
  const torch::Tensor match = torch::matmul(g[0].flatten(1), patterns());  // [B, memories]
  return -torch::logsumexp(match * beta_, 1) / beta_;
}

torch::Tensor Memories::gradient(const std::vector<torch::Tensor>& g, size_t) const {
  const torch::Tensor m = patterns();
  const torch::Tensor share = torch::softmax(torch::matmul(g[0].flatten(1), m) * beta_, 1);
  return -torch::linear(share, m).view(g[0].sizes());  // [B, memories] -> [B, d]
}

}  // namespace mixwright::energy
