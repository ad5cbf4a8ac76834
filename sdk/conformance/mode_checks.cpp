#include <ATen/CPUGeneratorImpl.h>

#include "layer_case.h"

namespace mixwright::conformance {

namespace {

constexpr uint64_t kSeed = 7;

Specimen seeded(const LayerCase& layer) {
  torch::manual_seed(kSeed);
  return layer.make(layer.first());
}

std::string same_seed_builds_the_same(const LayerCase& layer) {
  const Specimen one = seeded(layer);
  const Specimen other = seeded(layer);
  const std::string name = first_difference(state_of(*one.part), state_of(*other.part));
  return name.empty() ? "" : "two builds after the same seed differ in \"" + name + "\"";
}

/// Output, gradients and state of one training step after a seed.
NamedTensors training_step(const Specimen& specimen, const torch::Tensor& x) {
  specimen.part->train();
  torch::manual_seed(kSeed);
  const torch::Tensor in = x.clone().requires_grad_();
  const torch::Tensor y = specimen.run(in);
  if (y.requires_grad()) y.sum().backward();
  NamedTensors all = copy_of_state(*specimen.part);
  for (const auto& entry : specimen.part->named_parameters()) {
    all.emplace_back("gradient of " + entry.key(), entry.value().grad());
  }
  all.emplace_back("output", y.detach());
  return all;
}

std::string same_seed_trains_the_same(const LayerCase& layer) {
  const Specimen one = seeded(layer);
  const Specimen other = seeded(layer);
  copy_state(*one.part, *other.part);
  const torch::Tensor x = sample(layer.first());
  const std::string name = first_difference(training_step(one, x), training_step(other, x));
  return name.empty() ? "" : "two training steps after the same seed differ in \"" + name + "\"";
}

std::string mode_reaches_every_part(const LayerCase& layer) {
  const Specimen specimen = layer.build(layer.first());
  for (const bool training : {false, true}) {
    specimen.part->train(training);
    for (const auto& entry : specimen.part->named_modules()) {
      if (entry.value()->is_training() == training) continue;
      return "train(" + std::string(training ? "true" : "false") + ") does not reach \"" +
             entry.key() + "\"";
    }
  }
  return "";
}

torch::Tensor generator_state() {
  return at::detail::getDefaultCPUGenerator().get_state();
}

/// Training may differ from evaluation by what it draws and by what it keeps (running statistics),
/// and a part that does neither has one answer.
std::string modes_differ_for_a_reason(const LayerCase& layer) {
  const torch::NoGradGuard no_grad;
  const Specimen specimen = layer.build(layer.first());
  if (!specimen.part->buffers().empty()) return "";
  const torch::Tensor x = sample(layer.first());
  specimen.part->train();
  const torch::Tensor before = generator_state();
  const torch::Tensor training = specimen.run(x).clone();
  if (!before.equal(generator_state())) return "";
  specimen.part->eval();
  const torch::Tensor evaluated = specimen.run(x);
  if (training.sizes() != evaluated.sizes()) return "training and evaluation have different shapes";
  return relative_error(training, evaluated) <= 1e-4
             ? ""
             : "training and evaluation differ, though it draws nothing and keeps no buffer";
}

std::string evaluation_repeats(const LayerCase& layer) {
  const torch::NoGradGuard no_grad;
  const Specimen specimen = layer.build(layer.first());
  specimen.part->train();
  specimen.run(sample(layer.first()));  // what a training leaves behind may not be lost or drawn on
  specimen.part->eval();
  const NamedTensors before = copy_of_state(*specimen.part);
  const torch::Tensor x = sample(layer.first());
  const torch::Tensor first = specimen.run(x).clone();
  if (!specimen.run(x).equal(first)) return "two runs in evaluation mode differ";
  const std::string name = first_difference(before, state_of(*specimen.part));
  return name.empty() ? "" : "evaluation changes \"" + name + "\"";
}

/// One sample alone answers as it does in a batch, to rounding: matrix kernels differ by size.
std::string samples_are_independent(const LayerCase& layer) {
  const torch::NoGradGuard no_grad;
  Trial trial = layer.first();
  trial.batch = 3;
  const Specimen specimen = layer.build(trial);
  specimen.part->eval();
  const torch::Tensor x = sample(trial);
  const torch::Tensor together = specimen.run(x).clone();
  const double scale = together.abs().max().item<double>() + 1e-6;
  for (int64_t i = 0; i < trial.batch; ++i) {
    const torch::Tensor alone = specimen.run(x.narrow(0, i, 1).clone());
    const double error = (alone - together.narrow(0, i, 1)).abs().max().item<double>();
    if (!(error <= 1e-4 * scale)) return "a sample's answer depends on the others of its batch";
  }
  return "";
}

std::string input_is_left_alone(const LayerCase& layer) {
  const Specimen specimen = layer.build(layer.first());
  for (const bool training : {false, true}) {
    specimen.part->train(training);
    torch::Tensor x = sample(layer.first());
    const torch::Tensor kept = x.clone();
    {
      const torch::NoGradGuard no_grad;
      specimen.run(x);
    }
    if (!x.equal(kept)) return "forward changes its input";
    // In training, what is changed is not a leaf, or autograd would object before we can.
    const torch::Tensor inner = x.requires_grad_() * 1;
    const torch::Tensor y = specimen.run(inner);
    if (y.requires_grad()) y.sum().backward();
    if (!inner.equal(kept)) return "forward changes its input while training";
  }
  return "";
}

/// An answer may be the input itself, but neither scratch memory nor a view of a parameter.
std::string answers_are_the_callers(const LayerCase& layer) {
  const torch::NoGradGuard no_grad;
  Trial trial = layer.first();
  trial.batch = 1;
  const Specimen specimen = layer.build(trial);
  specimen.part->eval();
  const NamedTensors before = copy_of_state(*specimen.part);
  const torch::Tensor x = sample(trial);
  const torch::Tensor expected = specimen.run(x.clone()).clone();
  torch::Tensor answer = specimen.run(x.clone());
  specimen.run(sample(trial));
  if (!answer.equal(expected)) return "a later call overwrites an earlier answer";
  answer.zero_();
  const std::string name = first_difference(before, state_of(*specimen.part));
  if (!name.empty()) return "the answer shares the memory of \"" + name + "\"";
  return specimen.run(x.clone()).equal(expected) ? ""
                                                 : "writing into an answer changes the next one";
}

/// Parameters and buffers are all there is: what a checkpoint keeps makes an equal part.
std::string survives_saving(const LayerCase& layer) {
  const Specimen one = layer.build(layer.first());
  const Specimen other = layer.build(layer.first());
  {
    const torch::NoGradGuard no_grad;
    one.part->train();
    one.run(sample(layer.first()));  // moves running statistics, which must travel, too
    copy_state(*one.part, *other.part);
    one.part->eval();
    other.part->eval();
    const torch::Tensor x = sample(layer.first());
    if (!one.run(x).equal(other.run(x))) {
      return "a second one with the same parameters and buffers answers otherwise: some state is "
             "neither";
    }
  }
  const torch::Tensor x = sample(layer.first());
  const std::string name = first_difference(training_step(one, x), training_step(other, x));
  return name.empty() ? ""
                      : "a second one with the same parameters and buffers trains otherwise: \"" +
                            name + "\" differs";
}

}  // namespace

void check_modes(const LayerCase& layer, Checker& checker) {
  checker.run("same seed, same parameters", [&] { return same_seed_builds_the_same(layer); });
  checker.run("same seed, same training", [&] { return same_seed_trains_the_same(layer); });
  checker.run("train and eval reach every part", [&] { return mode_reaches_every_part(layer); });
  checker.run("training differs for a reason", [&] { return modes_differ_for_a_reason(layer); });
  checker.run("evaluation repeats", [&] { return evaluation_repeats(layer); });
  checker.run("samples are independent", [&] { return samples_are_independent(layer); });
  checker.run("input is left alone", [&] { return input_is_left_alone(layer); });
  checker.run("answers are the caller's", [&] { return answers_are_the_callers(layer); });
  checker.run("saved and loaded", [&] { return survives_saving(layer); });
}

}  // namespace mixwright::conformance
