#include <mixwright/key_value_memory.h>

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

/// Parameters of a module and of what it holds, without those of layers within it.
std::vector<torch::Tensor> own_parameters(const torch::nn::Module& module) {
  std::vector<torch::Tensor> own = module.parameters(/*recurse=*/false);
  for (const auto& child : module.children()) {
    if (dynamic_cast<const Layer*>(child.get()) != nullptr) continue;
    const std::vector<torch::Tensor> more = own_parameters(*child);
    own.insert(own.end(), more.begin(), more.end());
  }
  return own;
}

/// What for_inference gives answers as the layer does after some training, and keeps answering so
/// when the layer moves on.
std::string inference_form_agrees(const LayerCase& layer) {
  constexpr double kMostError = 1e-4;
  for (const Trial& trial : layer.trials()) {
    const Specimen specimen = layer.build(trial);
    specimen.part->train();
    specimen.run(sample(trial));  // moves running statistics away from 0 and 1
    specimen.part->eval();
    const torch::NoGradGuard no_grad;
    const torch::Tensor x = sample(trial);
    const torch::Tensor expected = specimen.run(x).clone();
    const LayerPtr form = std::dynamic_pointer_cast<Layer>(specimen.part)->for_inference();
    if (!form)
      return trial.text() + ": has no form for inference, though on other sizes it has one";
    // Of the layer's own: a layer within it may run in the form.
    for (torch::Tensor& parameter : own_parameters(*specimen.part)) parameter.zero_();
    const torch::Tensor y = run(form, x, Context{});
    if (y.sizes() != expected.sizes()) {
      return "input " + trial.text() + ": gives " + list_text(y.sizes().vec()) + ", the layer " +
             list_text(expected.sizes().vec());
    }
    const double error = relative_error(y, expected);
    if (!(error < kMostError)) {
      return "input " + trial.text() + ": off by " + std::to_string(error) +
             " of the layer's answer";
    }
  }
  return "";
}

/// Layers without a form of their own have nothing to compare.
bool has_inference_form(const LayerCase& layer) {
  try {
    const Specimen specimen = layer.build(layer.first());
    specimen.part->eval();
    const torch::NoGradGuard no_grad;
    const auto part = std::dynamic_pointer_cast<Layer>(specimen.part);
    return part != nullptr && part->for_inference() != nullptr;
  } catch (const std::exception&) {
    return true;  // the check says what went wrong
  }
}

/// What a KeyValueMemory says of itself is what it does: answers to two inputs differ by the
/// difference of their coefficients times the values.
std::string memory_adds_up(const LayerCase& layer) {
  constexpr double kMostError = 1e-4;
  const torch::NoGradGuard no_grad;
  const Specimen specimen = layer.build(layer.first());
  specimen.part->eval();
  auto* memory = dynamic_cast<KeyValueMemory*>(specimen.part.get());
  const torch::Tensor x = sample(layer.first());
  const torch::Tensor other = torch::zeros_like(x);
  const torch::Tensor values = memory->values();
  const torch::Tensor coefficients = memory->coefficients(x, Context{});
  if (values.dim() != 2 || values.size(1) != x.size(-1)) {
    return "values are " + list_text(values.sizes().vec()) + "; [keys, channels] expected";
  }
  std::vector<int64_t> expected = x.sizes().vec();
  expected.back() = values.size(0);
  if (coefficients.sizes() != torch::IntArrayRef(expected)) {
    return "coefficients are " + list_text(coefficients.sizes().vec()) + "; " +
           list_text(expected) + " expected";
  }
  const torch::Tensor apart = coefficients - memory->coefficients(other, Context{});
  const torch::Tensor answers = specimen.run(x) - specimen.run(other);
  const double error = relative_error(torch::matmul(apart, values), answers);
  if (error < kMostError) return "";
  return "coefficients times values are off by " + std::to_string(error) + " of its answers";
}

bool is_memory(const LayerCase& layer) {
  try {
    return dynamic_cast<KeyValueMemory*>(layer.build(layer.first()).part.get()) != nullptr;
  } catch (const std::exception&) {
    return false;  // other checks say what went wrong
  }
}

}  // namespace

void check_use(const LayerCase& layer, Checker& checker) {
  checker.run("several threads at once", [&] { return threads_agree(layer); });
  check_device(layer, checker);
  if (has_inference_form(layer)) {
    checker.run("inference form agrees", [&] { return inference_form_agrees(layer); });
  }
  if (is_memory(layer))
    checker.run("memory of keys adds up", [&] { return memory_adds_up(layer); });
  if (!layer.is_full()) return;
  checker.run("memory over 1,000 calls", [&] { return memory_stays(layer); });
  if (layer.is_static()) {
    checker.skip("memorises a batch of 8", "the component declares that it does not see its input");
    return;
  }
  for (const Trial& trial : layer.one_of_each_rank()) {
    checker.run("memorises a batch of 8 on " + trial.text(),
                [&] { return memorises(layer, trial); });
  }
}

}  // namespace mixwright::conformance
