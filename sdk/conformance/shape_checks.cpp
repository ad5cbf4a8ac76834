#include <mixwright/error.h>

#include "layer_case.h"

namespace mixwright::conformance {

namespace {

std::string sizes_text(const torch::Tensor& x) {
  return list_text(x.sizes().vec());
}

/// Runs it and compares what comes out with what the part promised; few kinds may change the
/// shape.
std::string keeps_promise(const LayerCase& layer, const Specimen& specimen, const Trial& trial) {
  const torch::Tensor x = sample(trial);
  const torch::Tensor y = specimen.run(x);
  const std::string input = "batch " + std::to_string(trial.batch) + " of " + trial.text();
  if (specimen.out_sizes.empty()) {
    return y.dim() > 0 && y.size(0) == trial.batch ? "" : input + " became " + sizes_text(y);
  }
  std::vector<int64_t> promised = specimen.out_sizes;
  promised[0] = trial.batch;
  if (y.sizes().vec() != promised) {
    return input + ": " + list_text(promised) + " promised by out_shape, " + sizes_text(y) +
           " came out";
  }
  const bool kept = layer.may_change_shape() || y.sizes() == x.sizes();
  return kept ? "" : input + " became " + sizes_text(y);
}

std::string shape_is_promised(const LayerCase& layer) {
  for (const Trial& trial : layer.trials()) {
    const std::string reason = keeps_promise(layer, layer.build(trial), trial);
    if (!reason.empty()) return reason;
  }
  return "";
}

/// A training step and an evaluation, both finite.
std::string works(const LayerCase& layer, const Specimen& specimen, const Trial& trial) {
  specimen.part->train();
  const torch::Tensor x = sample(trial).requires_grad_();
  const torch::Tensor y = specimen.run(x);
  if (y.requires_grad()) y.sum().backward();
  specimen.part->eval();
  std::string reason = keeps_promise(layer, specimen, trial);
  if (!reason.empty()) return reason;
  return y.isfinite().all().item<bool>() ? "" : "the output is not finite on " + trial.text();
}

/// The last batch of an epoch may have one sample, or any number.
std::string takes_any_batch(const LayerCase& layer) {
  for (Trial trial : layer.one_of_each_rank()) {
    const Specimen specimen = layer.build(trial);
    for (const int64_t batch : {1, 5, 1}) {
      trial.batch = batch;
      const std::string reason = works(layer, specimen, trial);
      if (!reason.empty()) return reason;
    }
  }
  return "";
}

void check_odd_size(const LayerCase& layer, const Shape& shape, Checker& checker) {
  const std::string name = "odd size " + list_text(shape.grid);
  if (!layer.has_rank(shape.rank())) {
    checker.skip(name, "the component declares no grid of rank " + std::to_string(shape.rank()));
    return;
  }
  const Trial trial{shape, 3};
  checker.run_where_built(
      name, [&] { layer.make(trial); }, [&] { return works(layer, layer.build(trial), trial); });
}

/// Weights that do not depend on the number of tokens serve every number.
void check_other_grid(const LayerCase& layer, Checker& checker) {
  if (layer.is_kind("block")) return;  // the mixers in it decide, and answer for themselves
  const std::string name = "another grid than it was built for";
  if (layer.needs(kFixedTokens)) {
    checker.skip(name, "the component declares fixed tokens");
    return;
  }
  checker.run(name, [&]() -> std::string {
    for (const Trial& trial : layer.one_of_each_rank()) {
      const Specimen specimen = layer.build(trial);
      Trial larger = trial;
      for (int64_t& side : larger.shape.grid) side *= 2;
      const torch::Tensor x = sample(larger);
      const torch::Tensor y = specimen.run(x);
      const bool kept = specimen.out_sizes.empty() || layer.may_change_shape();
      if (!kept && y.sizes() != x.sizes()) {
        return "built for " + trial.text() + ", run on " + larger.text() + ": " + sizes_text(y) +
               " came out";
      }
    }
    return "";
  });
}

/// The gradient that reaches the input of `specimen`; undefined where none does.
torch::Tensor inner_gradient(const Specimen& specimen, const torch::Tensor& x) {
  // Gradients of leaves are re-laid out by autograd; one step earlier shows what came back.
  torch::Tensor seen;
  torch::Tensor inner = x * 1;
  inner.register_hook([&seen](const torch::Tensor& gradient) {
    seen = gradient;
    return gradient;
  });
  specimen.run(inner).sum().backward();
  return seen;
}

/// A gradient that is one expanded number has no layout to speak of.
bool is_expanded(const torch::Tensor& x) {
  for (const int64_t stride : x.strides()) {
    if (stride == 0) return true;
  }
  return false;
}

std::string keeps_layout(const LayerCase& layer, torch::ScalarType dtype) {
  for (const Trial& trial : layer.trials()) {
    const Specimen specimen = layer.build(trial);
    specimen.part->to(dtype);
    specimen.part->eval();
    const torch::Tensor x = sample(trial, dtype).requires_grad_();
    const torch::Tensor y = specimen.run(x);
    if (y.scalar_type() != dtype) {
      return std::string("input ") + c10::toString(dtype) + ", output " +
             c10::toString(y.scalar_type());
    }
    if (!y.is_contiguous()) return "input " + trial.text() + ": the output is not contiguous";
    if (!y.requires_grad()) continue;
    const torch::Tensor seen = inner_gradient(specimen, x);
    if (seen.defined() && !seen.is_contiguous() && seen.numel() > 1 && !is_expanded(seen)) {
      return "input " + trial.text() + ": the input's gradient is not contiguous";
    }
  }
  return "";
}

}  // namespace

void check_shapes(const LayerCase& layer, Checker& checker) {
  checker.run("shape as promised", [&] { return shape_is_promised(layer); });
  checker.run("batches of one and five", [&] { return takes_any_batch(layer); });
  for (const auto& grid : {std::vector<int64_t>{7}, {5, 9}, {3, 5, 4}}) {
    check_odd_size(layer, Shape{grid, 16, 0, {}}, checker);
  }
  check_other_grid(layer, checker);
  for (const auto dtype : {torch::kFloat32, torch::kFloat64, torch::kBFloat16}) {
    checker.run(std::string("type and layout in ") + c10::toString(dtype),
                [&] { return keeps_layout(layer, dtype); });
  }
}

}  // namespace mixwright::conformance
