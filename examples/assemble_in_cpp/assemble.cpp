// A network assembled in code, without a config: one forward, one training step, its parameters
// counted. The exit code says whether all was as expected.

#include <exception>
#include <iostream>

#include <torch/optim/adamw.h>

#include <mixwright/host.h>

using namespace mixwright;
using host::part;

namespace {

host::Network small_mixer() {
  return host::NetworkBuilder()
      .input({28, 28, 1}, 10)
      .stage({{"embedding", part("patch", {{"size", 4}})},
              {"dim", 64},
              {"depth", 2},
              {"block", "serial"},
              {"norm", "layer_norm"},
              {"token_mixer", part("mlp", {{"ratio", 0.5}})},
              {"channel_mixer", part("mlp", {{"ratio", 4.0}})}})
      .head(part("classifier", {{"norm", "layer_norm"}}))
      .seed(1)
      .build();
}

/// Weights and biases, counted by hand: 7 x 7 tokens of 64 channels.
int64_t expected_count() {
  const int64_t norm = 2 * 64;
  const int64_t patch = 4 * 4 * 64 + 64;
  const int64_t tokens = 49 * 32 + 32 + 32 * 49 + 49;
  const int64_t channels = 64 * 256 + 256 + 256 * 64 + 64;
  return patch + 2 * (norm + tokens + norm + channels) + norm + 64 * 10 + 10;
}

void require(bool fine, const std::string& what) {
  if (!fine) throw Error("not as expected: " + what);
}

void run() {
  host::Network network = small_mixer();
  std::cout << network.parameter_count() << " parameters\n";
  require(network.parameter_count() == expected_count(), "the number of parameters");

  const torch::Tensor pictures = torch::randn({32, 28, 28, 1});
  const torch::Tensor labels = torch::randint(10, {32}, torch::kInt64);
  std::vector<torch::Tensor> parameters;
  for (const auto& [name, parameter] : network.parameters()) parameters.push_back(parameter);
  torch::optim::AdamW optimizer(parameters, torch::optim::AdamWOptions(1e-3));
  std::vector<double> losses;
  for (int step = 0; step < 10; ++step) {
    optimizer.zero_grad();
    const torch::Tensor loss =
        torch::cross_entropy_loss(network.forward(pictures), labels);  // [32, 10], [32]
    loss.backward();
    optimizer.step();
    losses.push_back(loss.item<double>());
  }
  std::cout << "loss " << losses.front() << " -> " << losses.back() << "\n";
  require(losses.back() < losses.front(), "a loss that falls");
}

}  // namespace

int main() {
  int code = 0;
  try {
    run();
  } catch (const std::exception& error) {
    std::cerr << "assemble: " << error.what() << "\n";
    code = 1;
  }
  host::leave(code);
}
