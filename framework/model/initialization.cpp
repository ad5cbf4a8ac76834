#include "framework/model/initialization.h"

#include <cmath>
#include <numbers>
#include <ranges>

namespace mixwright::model {

namespace {

/// A normal distribution cut at `limit` standard deviations: drawn by inverting its distribution
/// function, so that no draw is thrown away.
void truncated_normal(torch::Tensor& weight, double std, double limit) {
  const double low = std::erf(-limit / std::numbers::sqrt2);
  weight.uniform_(low, -low)
      .erfinv_()
      .mul_(std * std::numbers::sqrt2)
      .clamp_(-limit * std, limit * std);
}

/// Parameters of the layers that a scheme is meant for: linear and convolution. What a part holds
/// itself (layer scales, tokens, position tables) is the part's own business.
void apply_scheme(torch::nn::Module& module, const std::string& scheme) {
  const auto own = module.named_parameters(/*recurse=*/false);
  if (dynamic_cast<Part*>(&module) != nullptr || !own.contains("weight")) return;
  torch::Tensor weight = own["weight"];
  if (weight.dim() < 2 || !weight.requires_grad()) return;
  if (scheme == "truncated_normal") {
    truncated_normal(weight, 0.02, 2.0);
  } else if (scheme == "xavier_uniform") {
    torch::nn::init::xavier_uniform_(weight);
  } else if (scheme == "lecun_normal") {
    const double fan_in = static_cast<double>(weight[0].numel());
    // 0.8796 is the standard deviation of a unit normal cut at two.
    truncated_normal(weight, std::sqrt(1 / fan_in) / 0.87962566103423978, 2.0);
  }
  if (own.contains("bias")) torch::Tensor(own["bias"]).zero_();
}

}  // namespace

std::vector<std::string> initialization_schemes() {
  return {"default", "truncated_normal", "xavier_uniform", "lecun_normal"};
}

void initialize(Network& network, const std::string& scheme) {
  const torch::NoGradGuard no_grad;
  const auto modules = network.modules(/*include_self=*/false);
  if (scheme != "default") {
    for (const auto& module : modules) apply_scheme(*module, scheme);
  }
  for (const auto& module : std::views::reverse(modules)) {
    if (auto* part = dynamic_cast<Part*>(module.get())) part->initialize();
  }
}

}  // namespace mixwright::model
