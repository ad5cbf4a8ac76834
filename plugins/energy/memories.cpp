#include "memories.h"

#include "actions.h"
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

Action Memories::force_into(const torch::Tensor& x,
                            Blend blend,
                            const std::vector<torch::Tensor>& g,
                            size_t,
                            int64_t times) const {
  const torch::Tensor m = patterns().detach();  // [d, memories]
  const torch::Tensor match = torch::empty({x.size(0), m.size(1)}, x.options());
  const torch::Tensor share = torch::empty_like(match);
  const std::vector<Action> parts = {product_into(match, {}, g[0].flatten(1), m, times),
                                     softmax_into(share, torch::empty_like(match), match, beta_),
                                     product_into(x.flatten(1), blend, share, m.t(), times)};
  return [parts] {
    for (const Action& part : parts) part();
  };
}

}  // namespace mixwright::energy
