#include "layer_case.h"
#include "memory.h"
#include "threads.h"

namespace mixwright::conformance {

namespace {

constexpr int kRounds = 8;

/// Several threads run one part, which has not run before, and answer as one thread does.
std::string threads_agree(const LayerCase& layer) {
  const Specimen alone = layer.build(layer.first());
  const Specimen shared = layer.build(layer.first());
  copy_state(*alone.part, *shared.part);
  alone.part->eval();
  shared.part->eval();
  std::vector<torch::Tensor> inputs;
  std::vector<torch::Tensor> expected;
  {
    const torch::NoGradGuard no_grad;
    for (int i = 0; i < kThreads; ++i) {
      inputs.push_back(sample(layer.first()));
      expected.push_back(alone.run(inputs.back()).clone());
    }
  }
  return in_threads([&](int thread) -> std::string {
    const torch::NoGradGuard no_grad;
    const auto own = static_cast<size_t>(thread);
    for (int round = 0; round < kRounds; ++round) {
      if (!shared.run(inputs[own]).equal(expected[own])) {
        return "run by several threads at once it answers otherwise than run by one";
      }
    }
    return "";
  });
}

std::string memory_stays(const LayerCase& layer) {
  constexpr int kTrainEvery = 4;
  Trial trial = layer.first();
  trial.batch = 1;
  const Specimen specimen = layer.build(trial);
  const torch::Tensor x = sample(trial);
  return memory_growth([&](int call) {
    const bool training = call % kTrainEvery == 0;
    specimen.part->train(training);
    if (!training) {
      const torch::NoGradGuard no_grad;
      specimen.run(x);
      return;
    }
    const torch::Tensor y = specimen.run(x.clone().requires_grad_());
    if (y.requires_grad()) y.sum().backward();
    specimen.part->zero_grad();
  });
}

}  // namespace

void check_use(const LayerCase& layer, Checker& checker) {
  checker.run("several threads at once", [&] { return threads_agree(layer); });
  check_device(layer, checker);
  if (!layer.is_full()) return;
  checker.run("memory over 1,000 calls", [&] { return memory_stays(layer); });
  for (const Trial& trial : layer.one_of_each_rank()) {
    checker.run("memorises a batch of 8 on " + trial.text(),
                [&] { return memorises(layer, trial); });
  }
}

}  // namespace mixwright::conformance
