#include "framework/model/probe.h"

namespace mixwright::model {

Probe probe(Network& network, const torch::Tensor& input, const ProbeOptions& options) {
  network.train(options.train);
  Probe result;
  const torch::AutoGradMode grad_mode(options.gradients);
  torch::Tensor x = input;
  if (options.gradients && x.is_floating_point()) x = x.detach().requires_grad_();
  network.zero_grad();
  const torch::Tensor y = network.forward(x);
  result.output = y.detach();
  if (const torch::Tensor penalty = network.penalty(); penalty.defined()) {
    result.penalty = penalty.detach();
  }
  if (!options.gradients) return result;
  (options.cotangent.defined() ? (y * options.cotangent).sum() : y.sum()).backward();
  network.gather_shared_gradients();
  result.input_gradient = x.grad();
  for (const auto& [name, parameter] : network.trained_parameters()) {
    result.gradients.emplace(
        name, parameter.grad().defined() ? parameter.grad() : torch::zeros_like(parameter));
  }
  return result;
}

}  // namespace mixwright::model
