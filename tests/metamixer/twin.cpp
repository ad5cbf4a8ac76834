#include "tests/metamixer/twin.h"

#include <algorithm>
#include <iostream>

#include <gtest/gtest.h>

namespace mixwright::test {

namespace {

using Gradients = std::map<std::string, torch::Tensor>;

/// Output, and gradients under the names of the tensors, the input's under "".
std::pair<torch::Tensor, Gradients> step(const Mixer& mixer,
                                         const torch::Tensor& x,
                                         const torch::Tensor& cotangent,
                                         const Context& context) {
  const torch::Tensor in = x.detach().clone().requires_grad_();
  const torch::Tensor y = mixer.run(in, context);
  y.backward(cotangent);
  Gradients gradients = {{"", in.grad()}};
  for (const auto& [name, tensor] : mixer.tensors) {
    if (tensor.requires_grad()) gradients[name] = tensor.grad();
  }
  return {y.detach(), gradients};
}

double norm_of(const torch::Tensor& x) {
  return x.to(torch::kFloat64).norm().item<double>();
}

/// |a - b| / |b|, or / scale where b is nothing beside that.
double error_of(const std::string& what,
                const torch::Tensor& a,
                const torch::Tensor& b,
                double scale = 0) {
  EXPECT_EQ(a.sizes(), b.sizes()) << what;
  if (a.sizes() != b.sizes()) return 1;
  constexpr double kNothing = 1e-5;
  const double length = norm_of(b) > kNothing * scale ? norm_of(b) : scale;
  const double error = norm_of(a - b) / std::max(length, 1e-300);
  std::cout << "    " << what << ": " << error << "\n";
  return error;
}

std::string module_of(const std::string& name) {
  return name.substr(0, name.rfind('.') + 1);
}

/// By module the length of the longest gradient. A key's bias moves all scores of a token alike,
/// which softmax does not see: its gradient is rounding, and is measured by that of the key's
/// weight.
std::map<std::string, double> lengths_of(const Gradients& gradients) {
  std::map<std::string, double> lengths;
  for (const auto& [name, gradient] : gradients) {
    double& length = lengths[module_of(name)];
    length = std::max(length, norm_of(gradient));
  }
  return lengths;
}

}  // namespace

Mixer build(const model::PartFactory& factory,
            const std::string& kind,
            const ConfigValue& value,
            const Shape& shape,
            torch::ScalarType dtype) {
  BuildContext context;
  context.shape = shape;
  context.dim = shape.channels;
  context.place.in_block = true;
  context.path = "mixer";
  context.factory = &factory;
  Mixer mixer;
  mixer.part = std::static_pointer_cast<Layer>(context.make(kind, value));
  mixer.part->to(dtype);
  for (const auto& entry : mixer.part->named_parameters()) {
    mixer.tensors[entry.key()] = entry.value();
  }
  for (const auto& entry : mixer.part->named_buffers()) mixer.tensors[entry.key()] = entry.value();
  mixer.run = [part = mixer.part](const torch::Tensor& x, const Context& around) {
    return (*part)(x, around);
  };
  return mixer;
}

double largest_error(const Mixer& ours,
                     const Mixer& other,
                     const Places& places,
                     const torch::Tensor& x,
                     const Context& context) {
  int64_t placed = 0;
  int64_t there = 0;
  {
    const torch::NoGradGuard no_grad;
    for (const auto& [name, tensor] : other.tensors) {
      there += tensor.numel();
      // Nothing may hide behind zeros and ones.
      if (tensor.requires_grad()) torch::Tensor(tensor).add_(torch::randn_like(tensor) * 0.2);
    }
    for (const auto& [name, tensor] : ours.tensors) {
      if (places.count(name) == 0) {
        ADD_FAILURE() << "the test says no place of " << name;
        return 1;
      }
      const Place& place = places.at(name);
      torch::Tensor(tensor).copy_(place.view(other.tensors.at(place.name)));
      placed += tensor.numel();
    }
  }
  EXPECT_EQ(placed, there) << "numbers of the other mixer that ours does not have";

  const torch::Tensor cotangent = torch::randn_like(x);
  const auto [y, gradients] = step(ours, x, cotangent, context);
  const auto [expected, others] = step(other, x, cotangent, context);
  double worst = error_of("output", y, expected);
  worst = std::max(worst, error_of("gradient of the input", gradients.at(""), others.at("")));
  const std::map<std::string, double> lengths = lengths_of(gradients);
  for (const auto& [name, place] : places) {
    const torch::Tensor mine = ours.tensors.at(name);
    if (!mine.requires_grad()) {
      const torch::Tensor buffer = place.view(other.tensors.at(place.name));
      worst = std::max(worst, error_of(name, mine, buffer));
      continue;
    }
    const torch::Tensor theirs = place.view(others.at(place.name));
    worst = std::max(
        worst,
        error_of("gradient of " + name, gradients.at(name), theirs, lengths.at(module_of(name))));
  }
  return worst;
}

}  // namespace mixwright::test
