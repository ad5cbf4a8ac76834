#include <ATen/autocast_mode.h>

#include <mixwright/gradient_check.h>

#include "layer_case.h"

namespace mixwright::conformance {

namespace {

/// The same part and the same numbers in bfloat16 and float64, compared by length.
std::string bfloat16_agrees(const LayerCase& layer) {
  for (const Trial& trial : layer.trials()) {
    const Specimen specimen = layer.build(trial);
    specimen.part->eval();
    specimen.part->to(torch::kBFloat16);
    const torch::Tensor x = sample(trial, torch::kBFloat16);
    const torch::Tensor cotangent = torch::randn_like(specimen.run(x));
    const NamedTensors rounded = answers(specimen, specimen.run, x, cotangent);
    specimen.part->zero_grad();
    specimen.part->to(torch::kFloat64);
    const NamedTensors exact = answers(specimen, specimen.run, x.to(torch::kFloat64), cotangent);
    const std::string reason = far_apart(rounded, exact, kBfloat16Error, trial);
    if (!reason.empty()) return reason;
  }
  return "";
}

/// While it lives, products and convolutions take bfloat16, as in a training that says so.
class Autocast {
 public:
  Autocast()
      : was_enabled_(at::autocast::is_autocast_enabled(torch::kCPU)),
        old_type_(at::autocast::get_autocast_dtype(torch::kCPU)) {
    at::autocast::set_autocast_enabled(torch::kCPU, true);
    at::autocast::set_autocast_dtype(torch::kCPU, torch::kBFloat16);
    at::autocast::increment_nesting();
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;
  ~Autocast() {
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(torch::kCPU, was_enabled_);
    at::autocast::set_autocast_dtype(torch::kCPU, old_type_);
  }

 private:
  bool was_enabled_;
  torch::ScalarType old_type_;
};

/// A float32 part under autocast, for inputs of both types, as the parts around it give them.
std::string autocast_agrees(const LayerCase& layer) {
  for (const Trial& trial : layer.trials()) {
    const Specimen specimen = layer.build(trial);
    specimen.part->eval();
    const torch::Tensor x = sample(trial, torch::kBFloat16).to(torch::kFloat32);
    const torch::Tensor cotangent = torch::randn_like(specimen.run(x));
    const NamedTensors exact = answers(specimen, specimen.run, x, cotangent);
    const auto under_autocast = [&specimen](const torch::Tensor& in) {
      const Autocast autocast;
      return specimen.run(in);
    };
    for (const auto dtype : {torch::kFloat32, torch::kBFloat16}) {
      const NamedTensors rounded = answers(specimen, under_autocast, x.to(dtype), cotangent);
      const std::string reason = far_apart(rounded, exact, kBfloat16Error, trial);
      if (!reason.empty()) return c10::toString(dtype) + (" " + reason);
    }
  }
  return "";
}

/// In float64, for input and parameters.
std::string gradient_is_right(const LayerCase& layer) {
  for (const Trial& trial : layer.one_of_each_rank()) {
    const Specimen specimen = layer.build(trial);
    specimen.part->to(torch::kFloat64);
    specimen.part->eval();
    std::vector<torch::Tensor> points = {sample(trial, torch::kFloat64)};
    for (const torch::Tensor& parameter : specimen.part->parameters()) {
      if (parameter.requires_grad()) points.push_back(parameter);
    }
    const std::string reason = gradient_failure(
        [&specimen](const std::vector<torch::Tensor>& at) { return specimen.run(at.front()); },
        points);
    if (!reason.empty()) return "input " + trial.text() + ": " + reason;
  }
  return "";
}

std::string parameters_get_gradients(const LayerCase& layer) {
  const Specimen specimen = layer.build(layer.first());
  specimen.part->eval();
  const torch::Tensor y = specimen.run(sample(layer.first()).requires_grad_());
  if (!y.requires_grad()) return "the output does not depend on the input";
  (y * torch::randn_like(y)).sum().backward();
  for (const auto& entry : specimen.part->named_parameters()) {
    const torch::Tensor& parameter = entry.value();
    if (!parameter.requires_grad()) continue;  // frozen: skip_frozen says so
    if (!parameter.grad().defined()) return "\"" + entry.key() + "\" gets no gradient";
    if (!parameter.grad().isfinite().all().item<bool>()) {
      return "the gradient of \"" + entry.key() + "\" is not finite";
    }
    if (parameter.grad().abs().max().item<double>() == 0) {
      return "the gradient of \"" + entry.key() + "\" is zero everywhere";
    }
  }
  return "";
}

/// Frozen parameters get no gradient, which the report shows.
void skip_frozen(const LayerCase& layer, Checker& checker) {
  std::shared_ptr<Part> part;
  try {
    part = layer.make(layer.first()).part;
  } catch (const std::exception&) {
    return;  // what cannot be built fails the checks before this one
  }
  for (const auto& entry : part->named_parameters()) {
    if (!entry.value().requires_grad()) {
      checker.skip("gradient of \"" + entry.key() + "\"", "the component declares it frozen");
    }
  }
}

bool is_finite(const torch::Tensor& x) {
  return !x.defined() || x.isfinite().all().item<bool>();
}

/// A black picture, or a channel that has died: what divides by a deviation meets zero.
std::string constant_input_is_finite(const LayerCase& layer) {
  for (const Trial& trial : layer.one_of_each_rank()) {
    const Specimen specimen = layer.build(trial);
    for (const bool training : {true, false}) {
      specimen.part->train(training);
      for (const double value : {0.0, 1.0}) {
        const torch::Tensor x = torch::full_like(sample(trial), value);
        for (const auto& [name, tensor] : answers(specimen, specimen.run, x, torch::ones({}))) {
          if (is_finite(tensor)) continue;
          return "an input of " + std::to_string(static_cast<int>(value)) + " everywhere: the " +
                 name + " is not finite";
        }
      }
    }
  }
  return "";
}

std::string training_is_finite(const LayerCase& layer) {
  for (const Trial& trial : layer.trials()) {
    const Specimen specimen = layer.build(trial);
    specimen.part->train();
    const torch::Tensor y = specimen.run(sample(trial).requires_grad_());
    if (!is_finite(y)) return "training output is not finite";
    if (y.requires_grad()) y.sum().backward();
    specimen.part->eval();
    if (!is_finite(specimen.run(sample(trial)))) {
      return "evaluation after a training step is not finite";
    }
  }
  return "";
}

}  // namespace

void check_numbers(const LayerCase& layer, Checker& checker) {
  checker.run("bfloat16 agrees with float64", [&] { return bfloat16_agrees(layer); });
  checker.run("autocast to bfloat16 agrees with float32", [&] { return autocast_agrees(layer); });
  checker.run("gradient equals finite differences", [&] { return gradient_is_right(layer); });
  checker.run("parameters get gradients", [&] { return parameters_get_gradients(layer); });
  skip_frozen(layer, checker);
  checker.run("constant input stays finite", [&] { return constant_input_is_finite(layer); });
  checker.run("training is finite", [&] { return training_is_finite(layer); });
}

}  // namespace mixwright::conformance
