// The mixer against its equation, written out product by product.

#include "gated_mlp.h"

#include <iostream>

#include <mixwright/gradient_check.h>

namespace {

int failures = 0;

void expect(bool fine, const std::string& what) {
  if (fine) return;
  std::cerr << "failed: " << what << "\n";
  ++failures;
}

mixwright::BuildContext context_of(int64_t channels) {
  mixwright::BuildContext context;
  context.shape.grid = {2, 3};
  context.shape.channels = channels;
  return context;
}

void is_its_equation() {
  GatedMlpOptions options;
  options.ratio = 2.5;
  options.bias = true;
  GatedMlp mixer(options, context_of(4));
  mixer.to(torch::kFloat64);
  const auto parameters = mixer.named_parameters();
  const torch::Tensor wv = parameters["gate_value.weight"];
  const torch::Tensor bc = parameters["gate_value.bias"];
  expect(wv.sizes() == torch::IntArrayRef({20, 4}), "hidden width is ratio times C");
  const torch::Tensor x = torch::randn({2, 2, 3, 4}, torch::kFloat64);
  const auto layer = [&](int64_t first) {
    return torch::einsum("bhwc,kc->bhwk", {x, wv.narrow(0, first, 10)}) + bc.narrow(0, first, 10);
  };
  const torch::Tensor gate = layer(0);
  const torch::Tensor hidden = gate / (1 + (-gate).exp()) * layer(10);
  const torch::Tensor expected =
      torch::einsum("bhwk,ck->bhwc", {hidden, parameters["out.weight"]}) + parameters["out.bias"];
  expect(mixer.forward(x).allclose(expected, 1e-10, 1e-10), "the equation");
}

void has_the_right_gradient() {
  GatedMlp mixer(GatedMlpOptions(), context_of(6));
  mixer.to(torch::kFloat64);
  std::vector<torch::Tensor> points = mixer.parameters();
  points.push_back(torch::randn({2, 2, 3, 6}, torch::kFloat64));
  const std::string failure = mixwright::gradient_failure(
      [&](const std::vector<torch::Tensor>& at) { return mixer.forward(at.back()); }, points);
  expect(failure.empty(), failure);
}

void has_the_parameters_of_an_mlp() {
  GatedMlp mixer(GatedMlpOptions(), context_of(96));
  int64_t count = 0;
  for (const torch::Tensor& parameter : mixer.parameters()) count += parameter.numel();
  expect(count == 2 * 4 * 96 * 96, "as many parameters as two layers of ratio 4");
}

void refuses_no_hidden_layer() {
  GatedMlpOptions options;
  options.ratio = 0.1;
  try {
    const GatedMlp mixer(options, context_of(4));
    expect(false, "a hidden layer of nothing is refused");
  } catch (const mixwright::Error& error) {
    expect(std::string(error.what()).find("leaves no hidden layer") != std::string::npos,
           error.what());
  }
}

}  // namespace

int main() {
  torch::manual_seed(1);
  is_its_equation();
  has_the_right_gradient();
  has_the_parameters_of_an_mlp();
  refuses_no_hidden_layer();
  return failures == 0 ? 0 : 1;
}
