#include <mixwright/error.h>

#include "layer_checks.h"

namespace mixwright::conformance {

namespace {

constexpr int64_t kClasses = 5;

bool is_kind(const Subject& subject, const char* kind) {
  return std::string(subject.entry->kind) == kind;
}

/// Constant weights (ones, zeros, 1e-6) hide wrong maths; random ones do not.
void randomise(Part& part) {
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : part.parameters()) {
    if (parameter.requires_grad()) parameter.add_(torch::randn_like(parameter) * 0.2);
  }
}

}  // namespace

std::vector<Trial> trials(const ComponentEntry& entry) {
  std::vector<Trial> all;
  const std::vector<std::pair<std::vector<int64_t>, std::vector<int64_t>>> grids = {
      {{16}, {24}}, {{8, 8}, {8, 16}}, {{4, 8, 4}, {4, 4, 8}}};
  for (int32_t rank = entry.lowest_rank; rank <= entry.highest_rank && rank <= 3; ++rank) {
    const auto& [first, second] = grids[static_cast<size_t>(rank) - 1];
    all.push_back({Shape{first, 16, 0, {}}, 2});
    all.push_back({Shape{second, 32, 0, {}}, 3});
  }
  return all;
}

ConfigValue printed_options(const Subject& subject) {
  ConfigValue table = ConfigValue::table();
  for (const OptionSpec& spec : subject.entry->schema()) {
    if (!spec.default_value.is_nothing()) table.set(spec.name, spec.default_value);
  }
  if (subject.example.is_table()) {
    for (const ConfigValue::Entry& entry : subject.example.as_table()) {
      table.set(entry.key, entry.value);
    }
  }
  return table;
}

torch::Tensor sample(const Trial& trial, torch::ScalarType dtype) {
  std::vector<int64_t> sizes = {trial.batch};
  sizes.insert(sizes.end(), trial.shape.grid.begin(), trial.shape.grid.end());
  sizes.push_back(trial.shape.channels);
  return torch::randn(sizes, torch::kFloat64).to(dtype);
}

Specimen build(const Subject& subject, const ConfigValue& options, const Trial& trial) {
  BuildContext context;
  context.shape = trial.shape;
  context.input = trial.shape;
  context.dim = is_kind(subject, "embedding") ? 2 * trial.shape.channels : trial.shape.channels;
  context.classes = kClasses;
  context.stage_shapes = {trial.shape};
  context.place.in_block = !is_kind(subject, "embedding") && !is_kind(subject, "head");
  context.path = subject.name;
  context.factory = subject.factory;
  ConfigValue table = options;
  table.set("type", subject.name);
  const std::shared_ptr<void> made = subject.factory->make(subject.entry->kind, table, context);

  Specimen specimen;
  specimen.in = trial.shape;
  if (is_kind(subject, "head")) {
    auto head = std::static_pointer_cast<Head>(made);
    specimen.part = head;
    specimen.run = [head](const torch::Tensor& x) {
      Features features;
      features.input = x;
      features.stages = {x};
      features.last = x;
      return (*head)(features);
    };
  } else {
    auto layer = std::static_pointer_cast<Layer>(made);
    specimen.part = layer;
    specimen.run = [layer](const torch::Tensor& x) { return (*layer)(x, Context{}); };
    specimen.out_sizes = {1};
    const Shape& out = layer->out_shape();
    specimen.out_sizes.insert(specimen.out_sizes.end(), out.grid.begin(), out.grid.end());
    specimen.out_sizes.push_back(out.channels);
  }
  randomise(*specimen.part);
  return specimen;
}

}  // namespace mixwright::conformance
