#include "layer_checks.h"

#include <mixwright/error.h>
#include <mixwright/gradient_check.h>

namespace mixwright::conformance {

namespace {

std::string sizes_text(const torch::Tensor& x) {
  return list_text(x.sizes().vec());
}

std::vector<int64_t> with_batch(std::vector<int64_t> sizes, int64_t batch) {
  if (!sizes.empty()) sizes[0] = batch;
  return sizes;
}

std::string shape_is_promised(const Subject& subject, const ConfigValue& options) {
  for (const Trial& trial : trials(*subject.entry)) {
    Specimen specimen = build(subject, options, trial);
    const torch::Tensor y = specimen.run(sample(trial));
    if (specimen.out_sizes.empty()) continue;
    const std::vector<int64_t> promised = with_batch(specimen.out_sizes, trial.batch);
    if (y.sizes().vec() != promised) {
      return "input " + trial.text() + ": " + list_text(promised) + " promised by out_shape, " +
             sizes_text(y) + " came out";
    }
    const bool may_change = std::string(subject.entry->kind) == "embedding";
    if (!may_change && y.sizes() != sample(trial).sizes()) {
      return "input " + trial.text() + " became " + sizes_text(y);
    }
  }
  return "";
}

std::string is_contiguous(const Subject& subject,
                          const ConfigValue& options,
                          torch::ScalarType dtype) {
  for (const Trial& trial : trials(*subject.entry)) {
    Specimen specimen = build(subject, options, trial);
    specimen.part->to(dtype);
    specimen.part->eval();
    torch::Tensor x = sample(trial, dtype).requires_grad_();
    const torch::Tensor y = specimen.run(x);
    if (y.scalar_type() != dtype) {
      return std::string("input ") + c10::toString(dtype) + ", output " +
             c10::toString(y.scalar_type());
    }
    if (!y.is_contiguous()) return "input " + trial.text() + ": the output is not contiguous";
    if (!y.requires_grad()) continue;
    // Gradients of leaves are re-laid out by autograd; one step earlier shows what came back.
    torch::Tensor seen;
    torch::Tensor inner = x * 1;
    inner.register_hook([&seen](const torch::Tensor& gradient) {
      seen = gradient;
      return gradient;
    });
    specimen.run(inner).sum().backward();
    if (seen.defined() && !seen.is_contiguous() && seen.numel() > 1) {
      // a gradient that is one expanded number has no layout to speak of
      bool expanded = false;
      for (const int64_t stride : seen.strides()) expanded = expanded || stride == 0;
      if (!expanded) return "input " + trial.text() + ": the input's gradient is not contiguous";
    }
  }
  return "";
}

/// Output, and gradients of the input and of every trained parameter, by name.
std::vector<std::pair<std::string, torch::Tensor>> answers(Specimen& specimen,
                                                           const torch::Tensor& x,
                                                           const torch::Tensor& cotangent) {
  const torch::Tensor in = x.detach().clone().requires_grad_();
  const torch::Tensor y = specimen.run(in);
  std::vector<std::pair<std::string, torch::Tensor>> all = {{"output", y.detach()}};
  if (!y.requires_grad()) return all;
  (y * cotangent.to(y.scalar_type())).sum().backward();
  all.emplace_back("gradient of the input", in.grad());
  for (const auto& entry : specimen.part->named_parameters()) {
    all.emplace_back("gradient of \"" + entry.key() + "\"", entry.value().grad());
  }
  return all;
}

/// The same part and the same numbers in bfloat16 and float64, compared by length. A tenth is far
/// above rounding (2^-8 a step) and far below a wrong kernel.
std::string bfloat16_agrees(const Subject& subject, const ConfigValue& options) {
  for (const Trial& trial : trials(*subject.entry)) {
    Specimen specimen = build(subject, options, trial);
    specimen.part->eval();
    specimen.part->to(torch::kBFloat16);
    const torch::Tensor x = sample(trial, torch::kBFloat16);
    const torch::Tensor cotangent = torch::randn_like(specimen.run(x));
    const auto rounded = answers(specimen, x, cotangent);
    specimen.part->zero_grad();
    specimen.part->to(torch::kFloat64);
    const auto exact = answers(specimen, x.to(torch::kFloat64), cotangent);
    for (size_t i = 0; i < exact.size(); ++i) {
      const auto& [name, value] = exact[i];
      if (!value.defined() || !rounded[i].second.defined()) continue;
      const torch::Tensor difference = rounded[i].second.to(torch::kFloat64) - value;
      const double error = difference.norm().item<double>() / (value.norm().item<double>() + 1e-6);
      if (error <= 0.1) continue;  // not a number is no agreement
      return "input " + trial.text() + ": the " + name + " is off by " + std::to_string(error) +
             " of its length against float64";
    }
  }
  return "";
}

/// In float64, for input and parameters.
std::string gradient_is_right(const Subject& subject, const ConfigValue& options) {
  const Trial trial = trials(*subject.entry).front();
  Specimen specimen = build(subject, options, trial);
  specimen.part->to(torch::kFloat64);
  specimen.part->eval();
  std::vector<torch::Tensor> points = {sample(trial, torch::kFloat64)};
  for (const torch::Tensor& parameter : specimen.part->parameters()) {
    if (parameter.requires_grad()) points.push_back(parameter);
  }
  return gradient_failure(
      [&specimen](const std::vector<torch::Tensor>& at) { return specimen.run(at.front()); },
      points);
}

std::string parameters_get_gradients(const Subject& subject, const ConfigValue& options) {
  const Trial trial = trials(*subject.entry).front();
  Specimen specimen = build(subject, options, trial);
  specimen.part->eval();
  const torch::Tensor y = specimen.run(sample(trial).requires_grad_());
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
void skip_frozen(const Subject& subject, const ConfigValue& options, Checker& checker) {
  std::shared_ptr<Part> part;
  try {
    part = build(subject, options, trials(*subject.entry).front()).part;
  } catch (const std::exception&) {
    return;  // what cannot be built fails the checks before this one
  }
  for (const auto& entry : part->named_parameters()) {
    if (!entry.value().requires_grad()) {
      checker.skip("gradient of \"" + entry.key() + "\"", "the component declares it frozen");
    }
  }
}

std::string evaluation_repeats(const Subject& subject, const ConfigValue& options) {
  const Trial trial = trials(*subject.entry).front();
  Specimen specimen = build(subject, options, trial);
  specimen.part->eval();
  const torch::NoGradGuard no_grad;
  const torch::Tensor x = sample(trial);
  const torch::Tensor kept = x.clone();
  const torch::Tensor first = specimen.run(x).clone();
  if (!x.equal(kept)) return "forward changes its input";
  if (!specimen.run(x).equal(first)) return "two runs in evaluation mode differ";
  // One sample alone answers as it does in a batch, to rounding: matrix kernels differ by size.
  const torch::Tensor alone = specimen.run(x.narrow(0, 0, 1));
  const double error = (alone - first.narrow(0, 0, 1)).abs().max().item<double>();
  const double scale = first.abs().max().item<double>() + 1e-6;
  if (error > 1e-4 * scale) return "a sample's answer depends on the others of its batch";
  return "";
}

std::string training_is_finite(const Subject& subject, const ConfigValue& options) {
  for (const Trial& trial : trials(*subject.entry)) {
    Specimen specimen = build(subject, options, trial);
    specimen.part->train();
    const torch::Tensor y = specimen.run(sample(trial).requires_grad_());
    if (!y.isfinite().all().item<bool>()) return "training output is not finite";
    if (y.requires_grad()) y.sum().backward();
    specimen.part->eval();
    if (!specimen.run(sample(trial)).isfinite().all().item<bool>()) {
      return "evaluation after a training step is not finite";
    }
  }
  return "";
}

std::string survives_saving(const Subject& subject, const ConfigValue& options) {
  const Trial trial = trials(*subject.entry).front();
  Specimen one = build(subject, options, trial);
  Specimen other = build(subject, options, trial);
  const torch::NoGradGuard no_grad;
  const auto copy_all = [](const auto& from, auto to) {
    for (const auto& entry : from) to[entry.key()].copy_(entry.value());
  };
  one.part->train();
  one.run(sample(trial));  // moves running statistics, which must travel, too
  copy_all(one.part->named_parameters(), other.part->named_parameters());
  copy_all(one.part->named_buffers(), other.part->named_buffers());
  one.part->eval();
  other.part->eval();
  const torch::Tensor x = sample(trial);
  if (one.run(x).equal(other.run(x))) return "";
  return "a second one with the same parameters and buffers answers otherwise: some state is "
         "neither";
}

std::string options_agree(const Subject& subject, const ConfigValue& options) {
  ConfigValue table = options;
  table.set("type", subject.name);
  Diagnostics accepted;
  subject.entry->validate(table, subject.factory, accepted);
  if (!accepted.ok()) return "printed options are refused: " + accepted.errors().front().message;
  table.set("no_such_option_at_all", 1);
  Diagnostics refused;
  subject.entry->validate(table, subject.factory, refused);
  if (refused.ok()) return "an unknown option is accepted";
  for (const OptionSpec& spec : subject.entry->schema()) {
    if (spec.doc.empty()) return "option \"" + spec.name + "\" has no doc";
  }
  return "";
}

}  // namespace

void check_layer(const Subject& subject, Checker& checker) {
  const ConfigValue options = printed_options(subject);
  checker.run("options agree with describe", [&] { return options_agree(subject, options); });
  checker.run("shape as promised", [&] { return shape_is_promised(subject, options); });
  for (const auto dtype : {torch::kFloat32, torch::kFloat64, torch::kBFloat16}) {
    checker.run(std::string("contiguous in ") + c10::toString(dtype),
                [&] { return is_contiguous(subject, options, dtype); });
  }
  checker.run("bfloat16 agrees with float64", [&] { return bfloat16_agrees(subject, options); });
  checker.run("gradient equals finite differences",
              [&] { return gradient_is_right(subject, options); });
  checker.run("parameters get gradients",
              [&] { return parameters_get_gradients(subject, options); });
  skip_frozen(subject, options, checker);
  checker.run("evaluation repeats", [&] { return evaluation_repeats(subject, options); });
  checker.run("training is finite", [&] { return training_is_finite(subject, options); });
  checker.run("saved and loaded", [&] { return survives_saving(subject, options); });
  for (const Trial& trial : trials(*subject.entry)) {
    checker.run("memorises a batch of 8 on " + trial.text(),
                [&] { return memorises(subject, trial); });
  }
}

}  // namespace mixwright::conformance
