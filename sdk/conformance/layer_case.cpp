#include "layer_case.h"

#include <mixwright/error.h>

namespace mixwright::conformance {

namespace {

constexpr int64_t kClasses = 5;

void randomise(Part& part) {
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : part.parameters()) {
    if (parameter.requires_grad()) parameter.add_(torch::randn_like(parameter) * 0.2);
  }
}

}  // namespace

LayerCase::LayerCase(const Subject& subject)
    : subject_(subject), options_(printed_options(subject)) {
  options_.set("type", subject.name);
  const std::vector<std::pair<std::vector<int64_t>, std::vector<int64_t>>> grids = {
      {{16}, {24}}, {{8, 8}, {8, 16}}, {{4, 8, 4}, {4, 4, 8}}};
  for (int64_t rank = 1; rank <= 3; ++rank) {
    if (!has_rank(rank)) continue;
    const auto& [first, second] = grids[static_cast<size_t>(rank) - 1];
    trials_.push_back({Shape{first, 16, 0, {}}, 2});
    if (is_full()) trials_.push_back({Shape{second, 32, 0, {}}, 3});
  }
}

std::vector<Trial> LayerCase::one_of_each_rank() const {
  std::vector<Trial> chosen;
  for (const Trial& trial : trials_) {
    if (chosen.empty() || chosen.back().shape.rank() != trial.shape.rank()) chosen.push_back(trial);
  }
  return chosen;
}

Specimen LayerCase::make(const Trial& trial) const {
  BuildContext context;
  context.shape = trial.shape;
  context.input = trial.shape;
  context.dim = is_kind("embedding") ? 2 * trial.shape.channels : trial.shape.channels;
  context.classes = kClasses;
  context.stage_shapes = {trial.shape};
  context.place.in_block = !is_kind("embedding") && !is_kind("head");
  context.path = subject_.name;
  context.factory = subject_.factory;
  const std::shared_ptr<void> made =
      subject_.factory->make(subject_.entry->kind, options_, context);
  if (!made) throw Error("nothing was built");

  Specimen specimen;
  specimen.in = trial.shape;
  if (is_kind("head")) {
    auto head = std::static_pointer_cast<Head>(made);
    specimen.part = head;
    specimen.run = [head](const torch::Tensor& x) {
      Features features;
      features.input = x;
      features.stages = {x};
      features.last = x;
      return (*head)(features);
    };
    return specimen;
  }
  auto layer = std::static_pointer_cast<Layer>(made);
  specimen.part = layer;
  specimen.run = [layer](const torch::Tensor& x) { return (*layer)(x, Context{}); };
  specimen.out_sizes = {1};
  const Shape& out = layer->out_shape();
  specimen.out_sizes.insert(specimen.out_sizes.end(), out.grid.begin(), out.grid.end());
  specimen.out_sizes.push_back(out.channels);
  return specimen;
}

Specimen LayerCase::build(const Trial& trial) const {
  Specimen specimen = make(trial);
  randomise(*specimen.part);
  return specimen;
}

torch::Tensor sample(const Trial& trial, torch::ScalarType dtype) {
  std::vector<int64_t> sizes = {trial.batch};
  sizes.insert(sizes.end(), trial.shape.grid.begin(), trial.shape.grid.end());
  sizes.push_back(trial.shape.channels);
  return torch::randn(sizes, torch::kFloat64).to(dtype);
}

NamedTensors state_of(const Part& part) {
  NamedTensors state;
  for (const auto& entry : part.named_parameters()) state.emplace_back(entry.key(), entry.value());
  for (const auto& entry : part.named_buffers()) state.emplace_back(entry.key(), entry.value());
  return state;
}

NamedTensors copy_of_state(const Part& part) {
  NamedTensors state = state_of(part);
  for (auto& [name, tensor] : state) tensor = tensor.detach().clone();
  return state;
}

void copy_state(const Part& from, Part& to) {
  const torch::NoGradGuard no_grad;
  const NamedTensors source = state_of(from);
  NamedTensors target = state_of(to);
  if (source.size() != target.size()) throw Error("two builds have different parameters");
  for (size_t i = 0; i < source.size(); ++i) target[i].second.copy_(source[i].second);
}

std::string first_difference(const NamedTensors& a, const NamedTensors& b) {
  if (a.size() != b.size()) return "number of parameters and buffers";
  for (size_t i = 0; i < a.size(); ++i) {
    const auto& [name, value] = a[i];
    const torch::Tensor& other = b[i].second;
    if (name != b[i].first || value.defined() != other.defined()) return name;
    if (value.defined() && !value.equal(other)) return name;
  }
  return "";
}

double relative_error(const torch::Tensor& a, const torch::Tensor& b) {
  const torch::Tensor exact = b.detach().to(torch::kFloat64);
  const torch::Tensor difference = a.detach().to(torch::kFloat64) - exact;
  return difference.norm().item<double>() / (exact.norm().item<double>() + 1e-6);
}

void check_layer(const Subject& subject, Checker& checker) {
  const LayerCase layer(subject);
  if (layer.trials().empty()) return;  // its grid ranks, which have failed already
  check_shapes(layer, checker);
  check_numbers(layer, checker);
  check_modes(layer, checker);
  check_use(layer, checker);
}

}  // namespace mixwright::conformance
