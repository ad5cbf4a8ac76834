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

Specimen head_specimen(const std::shared_ptr<Head>& head, const Shape& in) {
  Specimen specimen;
  specimen.in = in;
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

/// One answer for all samples [1, ...], told apart by the mean of each: [B, ...]. So what is said
/// of every layer can be asked of one that never looks at its input.
torch::Tensor for_each_sample(const torch::Tensor& answer, const torch::Tensor& x) {
  std::vector<int64_t> sizes(static_cast<size_t>(answer.dim()), 1);
  sizes[0] = x.size(0);
  return answer * (1 + x.flatten(1).mean(1)).view(sizes).to(answer.scalar_type());
}

Specimen layer_specimen(const LayerPtr& layer, const Shape& in) {
  Specimen specimen;
  specimen.in = in;
  specimen.part = layer;
  specimen.out_sizes = sizes_of(layer->out_shape());
  const auto* projection = dynamic_cast<const Projection*>(layer.get());
  const bool is_static = projection != nullptr && projection->is_static();
  specimen.run = [layer, is_static](const torch::Tensor& x) {
    const torch::Tensor y = (*layer)(x, Context{});
    return is_static ? for_each_sample(y, x) : y;
  };
  return specimen;
}

}  // namespace

LayerCase::LayerCase(const Subject& subject)
    : subject_(subject), options_(printed_options(subject)) {
  options_.set("type", subject.name);
  const std::vector<std::pair<std::vector<int64_t>, std::vector<int64_t>>> grids = {
      {{16}, {24}}, {{8, 8}, {8, 16}}, {{4, 8, 4}, {4, 4, 8}}};
  // No grid has as many tokens as an interaction's operand has channels, which it may confuse.
  const int64_t channels = is_kind("interaction") ? 12 : 16;
  for (int64_t rank = 1; rank <= 3; ++rank) {
    if (!has_rank(rank)) continue;
    const auto& [first, second] = grids[static_cast<size_t>(rank) - 1];
    trials_.push_back({Shape{first, channels, 0, {}}, 2});
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

BuildContext LayerCase::context_for(const Trial& trial) const {
  BuildContext context;
  context.shape = trial.shape;
  context.input = trial.shape;
  context.dim = is_kind("embedding") ? 2 * trial.shape.channels : trial.shape.channels;
  context.classes = kClasses;
  context.stage_shapes = {trial.shape};
  context.place.in_block = !is_kind("embedding") && !is_kind("head") && !is_kind("network");
  context.path = subject_.name;
  context.factory = subject_.factory;
  return context;
}

Specimen LayerCase::make(const Trial& trial) const {
  const auto made_for = [this](const BuildContext& context) {
    std::shared_ptr<void> made = subject_.factory->make(subject_.entry->kind, options_, context);
    if (!made) throw Error("nothing was built");
    return made;
  };
  const BuildContext context = context_for(trial);
  if (is_kind("interaction")) {
    return interaction_specimen(
        [&](const BuildContext& between) {
          return std::static_pointer_cast<Interaction>(made_for(between));
        },
        context,
        needs(kCausal));
  }
  const std::shared_ptr<void> made = made_for(context);
  if (is_kind("head")) return head_specimen(std::static_pointer_cast<Head>(made), trial.shape);
  return layer_specimen(std::static_pointer_cast<Layer>(made), trial.shape);
}

bool LayerCase::is_static() const {
  if (!is_kind("projection")) return false;
  const std::shared_ptr<Part> part = make(first()).part;
  const auto* projection = dynamic_cast<const Projection*>(part.get());
  return projection != nullptr && projection->is_static();
}

Specimen LayerCase::build(const Trial& trial) const {
  Specimen specimen = make(trial);
  randomise(*specimen.part);
  return specimen;
}

std::vector<int64_t> sizes_of(const Shape& shape) {
  std::vector<int64_t> sizes = {1};
  sizes.insert(sizes.end(), shape.grid.begin(), shape.grid.end());
  sizes.push_back(shape.channels);
  return sizes;
}

torch::Tensor sample(const Trial& trial, torch::ScalarType dtype) {
  std::vector<int64_t> sizes = sizes_of(trial.shape);
  sizes[0] = trial.batch;
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
  const torch::Tensor exact = b.detach().cpu().to(torch::kFloat64);
  const torch::Tensor difference = a.detach().cpu().to(torch::kFloat64) - exact;
  return difference.norm().item<double>() / (exact.norm().item<double>() + 1e-6);
}

NamedTensors answers(const Specimen& specimen,
                     const std::function<torch::Tensor(const torch::Tensor&)>& run,
                     const torch::Tensor& x,
                     const torch::Tensor& cotangent) {
  specimen.part->zero_grad();
  const torch::Tensor in = x.detach().clone().requires_grad_();
  const torch::Tensor y = run(in);
  NamedTensors all = {{"output", y.detach()}};
  if (!y.requires_grad()) return all;
  (y * cotangent.to(y.scalar_type())).sum().backward();
  all.emplace_back("gradient of the input", in.grad());
  for (const auto& entry : specimen.part->named_parameters()) {
    all.emplace_back("gradient of \"" + entry.key() + "\"", entry.value().grad());
  }
  return all;
}

std::string far_apart(const NamedTensors& rounded,
                      const NamedTensors& exact,
                      double most,
                      const Trial& trial) {
  for (size_t i = 0; i < exact.size() && i < rounded.size(); ++i) {
    const auto& [name, value] = exact[i];
    if (!value.defined() || !rounded[i].second.defined()) continue;
    const double error = relative_error(rounded[i].second, value);
    if (error <= most) continue;  // not a number is no agreement
    return "input " + trial.text() + ": the " + name + " is off by " + std::to_string(error) +
           " of its length";
  }
  return "";
}

void check_layer(const Subject& subject, Checker& checker) {
  const LayerCase layer(subject);
  if (layer.trials().empty()) return;  // its grid ranks, which have failed already
  check_shapes(layer, checker);
  check_numbers(layer, checker);
  check_modes(layer, checker);
  check_use(layer, checker);
  check_gpu(layer, checker);
}

}  // namespace mixwright::conformance
