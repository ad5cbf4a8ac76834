#include <cstdio>

#include "layer_case.h"

namespace mixwright::conformance {

namespace {

constexpr int64_t kBatch = 8;
constexpr int kSteps = 100;
constexpr double kShare = 0.1;  // of the loss at the start

/// linear -> part (with residual where it keeps the shape) -> mean over the grid -> linear. What
/// answers with one row of scores per sample is the last layer itself.
class SmallNetwork : public torch::nn::Module {
 public:
  SmallNetwork(Specimen specimen, const torch::Tensor& x) : specimen_(std::move(specimen)) {
    const int64_t channels = specimen_.in.channels;
    entry_ = register_module("entry", torch::nn::Linear(channels, channels));
    register_module("part", specimen_.part);
    const torch::Tensor y = specimen_.run(entry_(x));
    if (y.dim() > 2) exit_ = register_module("exit", torch::nn::Linear(y.size(-1), kBatch));
  }

  torch::Tensor forward(const torch::Tensor& x) {
    const torch::Tensor features = entry_(x);
    torch::Tensor y = specimen_.run(features);
    if (!exit_) return y;
    const torch::Tensor z = y.sizes() == features.sizes() ? features + y : y;
    return exit_(z.flatten(1, -2).mean(1));
  }

 private:
  Specimen specimen_;
  torch::nn::Linear entry_{nullptr};
  torch::nn::Linear exit_{nullptr};
};

}  // namespace

std::string memorises(const LayerCase& layer, const Trial& trial) {
  torch::manual_seed(0);
  Trial eight = trial;
  eight.batch = kBatch;
  const torch::Tensor x = sample(eight);
  SmallNetwork network(layer.build(eight), x);
  const torch::Tensor target = torch::arange(kBatch).remainder(network.forward(x).size(-1));
  network.train();
  torch::optim::AdamW optimizer(network.parameters(), torch::optim::AdamWOptions(1e-2));
  double first = 0;
  double last = 0;
  for (int step = 0; step <= kSteps; ++step) {
    optimizer.zero_grad();
    const torch::Tensor loss = torch::nn::functional::cross_entropy(network.forward(x), target);
    last = loss.item<double>();
    if (step == 0) first = last;
    if (last < kShare * first) return "";
    loss.backward();
    optimizer.step();
  }
  char text[120];
  std::snprintf(
      text, sizeof text, "loss %.4g after %d steps, %.4g at the start", last, kSteps, first);
  return text;
}

}  // namespace mixwright::conformance
