// Lagrangians and synapses: that what they say by formulas is what their energies' derivatives are.

#include <mixwright/error.h>
#include <mixwright/lagrangian.h>
#include <mixwright/synapse.h>

#include "checker.h"
#include "threads.h"

namespace mixwright::conformance {

namespace {

constexpr double kStep = 1e-5;
constexpr double kMostError = 1e-6;
const std::vector<Shape> kShapes = {
    Shape{{}, 12, 0, {}}, Shape{{5}, 4, 0, {}}, Shape{{3, 4}, 6, 0, {}}};

torch::Tensor draw(const Shape& shape, int64_t batch = 3) {
  std::vector<int64_t> sizes = {batch};
  sizes.insert(sizes.end(), shape.grid.begin(), shape.grid.end());
  sizes.push_back(shape.channels);
  return torch::randn(sizes, torch::kFloat64);
}

double largest(const torch::Tensor& x) {
  return x.abs().max().item<double>();
}

/// How far two tensors are apart, of what they are.
std::string difference(const std::string& what,
                       const torch::Tensor& ours,
                       const torch::Tensor& is) {
  if (ours.sizes() != is.sizes()) {
    return what + " is " + list_text(ours.sizes().vec()) + ", " + list_text(is.sizes().vec()) +
           " expected";
  }
  const double error = largest(ours - is) / (largest(is) + 1e-3);
  return error < kMostError ? "" : what + " is off by " + std::to_string(error) + " of itself";
}

BuildContext context_for(const Subject& subject, const std::vector<Shape>& layers) {
  BuildContext context;
  context.shape = layers.front();
  context.input = layers.front();
  context.stage_shapes = layers;
  context.path = subject.name;
  context.factory = subject.factory;
  return context;
}

template <class Kind>
std::shared_ptr<Kind> build(const Subject& subject, const std::vector<Shape>& layers) {
  ConfigValue options = printed_options(subject);
  options.set("type", subject.name);
  const auto part = std::static_pointer_cast<Kind>(
      subject.factory->make(Kind::kKind, options, context_for(subject, layers)));
  if (!part) throw Error("nothing was built");
  part->to(torch::kFloat64);
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : part->parameters()) {
    parameter.add_(torch::randn_like(parameter) * 0.2);
  }
  return part;
}

std::string lagrangian_agrees(const Subject& subject, const Shape& shape) {
  const auto part = build<Lagrangian>(subject, {shape});
  const torch::NoGradGuard no_grad;
  const torch::Tensor x = draw(shape);
  const torch::Tensor v = draw(shape);
  const torch::Tensor g = part->gradient(x);
  const torch::Tensor ahead = x + kStep * v;
  const torch::Tensor behind = x - kStep * v;
  const torch::Tensor along = (part->value(ahead) - part->value(behind)) / (2 * kStep);
  std::string reason =
      difference("the gradient along a direction", (g * v).flatten(1).sum(1), along);
  if (!reason.empty()) return reason;
  const torch::Tensor curve = (part->gradient(ahead) - part->gradient(behind)) / (2 * kStep);
  reason = difference("the Hessian-vector product", part->hessian_product(x, v), curve);
  if (!reason.empty()) return reason;
  const torch::Tensor w = draw(shape);
  return difference("<w, H v> against <v, H w>",
                    (w * part->hessian_product(x, v)).flatten(1).sum(1),
                    (v * part->hessian_product(x, w)).flatten(1).sum(1));
}

std::string convexity_holds(const Subject& subject, const Shape& shape) {
  const auto part = build<Lagrangian>(subject, {shape});
  if (!part->is_convex()) return "";
  const torch::NoGradGuard no_grad;
  for (int i = 0; i < 100; ++i) {
    const torch::Tensor v = draw(shape);
    const torch::Tensor bend = (v * part->hessian_product(draw(shape) * 3, v)).flatten(1).sum(1);
    if (bend.min().item<double>() < -1e-9)
      return "says that it is convex, and <v, H v> is negative";
  }
  return "";
}

/// What a sample gives does not depend on those beside it.
template <class Function>
std::string samples_stand_alone(const std::string& what,
                                const std::vector<torch::Tensor>& batch,
                                const Function& function) {
  std::vector<torch::Tensor> one;
  for (const torch::Tensor& x : batch) one.push_back(x.narrow(0, 1, 1));
  return difference(what + " of one sample alone", function(one), function(batch).narrow(0, 1, 1));
}

std::string lagrangian_of_samples(const Subject& subject, const Shape& shape) {
  const auto part = build<Lagrangian>(subject, {shape});
  const torch::NoGradGuard no_grad;
  const torch::Tensor x = draw(shape);
  if (part->value(x).dim() != 1) return "value gives no number for each sample";
  std::string reason =
      samples_stand_alone("the value", {x}, [&](const auto& in) { return part->value(in[0]); });
  if (!reason.empty()) return reason;
  return samples_stand_alone(
      "the activation", {x}, [&](const auto& in) { return part->gradient(in[0]); });
}

/// Shapes of as many layers as the synapse takes, the first ones that it does not refuse.
std::vector<Shape> layers_for(const Subject& subject) {
  std::string refusal;
  for (const size_t count : {2, 1, 3}) {
    for (const Shape& shape : {kShapes[1], kShapes[0]}) {
      const std::vector<Shape> layers(count, shape);
      try {
        build<Synapse>(subject, layers);
        return layers;
      } catch (const Error& error) {
        if (refusal.empty()) refusal = first_line(error.what());
      }
    }
  }
  throw Error("refuses one, two and three equal layers: " + refusal);
}

std::string synapse_agrees(const Subject& subject) {
  const std::vector<Shape> layers = layers_for(subject);
  const auto part = build<Synapse>(subject, layers);
  std::vector<torch::Tensor> g;
  for (const Shape& layer : layers) g.push_back(draw(layer).requires_grad_());
  const torch::Tensor energy = part->energy(g);
  if (energy.dim() != 1 || energy.size(0) != 3) return "energy gives no number for each sample";
  const auto expected = torch::autograd::grad({energy.sum()}, g, {}, true, false, true);
  for (size_t i = 0; i < g.size(); ++i) {
    const torch::Tensor is = expected[i].defined() ? expected[i] : torch::zeros_like(g[i]);
    const torch::Tensor ours = part->gradient(g, i).detach();
    std::string reason = difference("the gradient of layer " + std::to_string(i), ours, is);
    if (!reason.empty() && part->is_symmetric()) return reason;
    if (reason.empty() && !part->is_symmetric() && i + 1 == g.size()) {
      return "says that it is not symmetric, and all gradients are those of its energy";
    }
    if (!reason.empty()) return "";  // the way back that no energy has
  }
  return "";
}

std::string itself_is_told(const Subject& subject) {
  const std::vector<Shape> layers = layers_for(subject);
  const auto part = build<Synapse>(subject, layers);
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> g;
  for (const Shape& layer : layers) g.push_back(draw(layer));
  for (size_t i = 0; i < g.size() && !part->acts_on_itself(); ++i) {
    std::vector<torch::Tensor> other = g;
    other[i] = draw(layers[i]);
    if (!part->gradient(g, i).allclose(part->gradient(other, i), 1e-9, 1e-12)) {
      return "says that it does not act on itself, and the gradient of layer " + std::to_string(i) +
             " changes with that layer";
    }
  }
  return "";
}

std::string synapse_is_trainable(const Subject& subject) {
  const std::vector<Shape> layers = layers_for(subject);
  const auto part = build<Synapse>(subject, layers);
  std::vector<torch::Tensor> g;
  for (const Shape& layer : layers) g.push_back(draw(layer));
  torch::Tensor sum = part->energy(g).sum();
  for (size_t i = 0; i < g.size(); ++i) sum = sum + part->gradient(g, i).square().sum();
  if (!sum.requires_grad()) return part->parameters().empty() ? "" : "nothing has a gradient";
  sum.backward();
  for (const auto& entry : part->named_parameters()) {
    if (!entry.value().requires_grad()) continue;
    if (!entry.value().grad().defined()) return entry.key() + " has no gradient";
  }
  return "";
}

template <class Kind, class Run>
std::string threads_agree(const std::shared_ptr<Kind>& part, const Run& run) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor expected = run(*part);
  return in_threads([&](int) -> std::string {
    const torch::NoGradGuard inner;
    return run(*part).equal(expected) ? "" : "run by several threads at once it answers otherwise";
  });
}

}  // namespace

void check_lagrangian(const Subject& subject, Checker& checker) {
  for (const Shape& shape : kShapes) {
    const std::string on = " on " + shape.text();
    checker.run("derivatives" + on, [&] { return lagrangian_agrees(subject, shape); });
    checker.run("convexity" + on, [&] { return convexity_holds(subject, shape); });
    checker.run("samples alone" + on, [&] { return lagrangian_of_samples(subject, shape); });
  }
  checker.run("several threads at once", [&] {
    const torch::Tensor x = draw(kShapes[1]);
    return threads_agree(build<Lagrangian>(subject, {kShapes[1]}),
                         [&](const Lagrangian& part) { return part.gradient(x); });
  });
}

void check_synapse(const Subject& subject, Checker& checker) {
  checker.run("gradients", [&] { return synapse_agrees(subject); });
  checker.run("acts on itself", [&] { return itself_is_told(subject); });
  checker.run("trainable", [&] { return synapse_is_trainable(subject); });
  checker.run("several threads at once", [&] {
    const std::vector<Shape> layers = layers_for(subject);
    std::vector<torch::Tensor> g;
    for (const Shape& layer : layers) g.push_back(draw(layer));
    return threads_agree(build<Synapse>(subject, layers),
                         [&](const Synapse& part) { return part.gradient(g, 0); });
  });
}

}  // namespace mixwright::conformance
