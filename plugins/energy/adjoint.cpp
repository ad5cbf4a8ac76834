#include "adjoint.h"

#include <algorithm>

#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>

#include <mixwright/error.h>
#include <mixwright/graph_node.h>

namespace mixwright::energy {

namespace {

using torch::autograd::variable_list;

Tensors joined(const Tensors& a, const Tensors& b) {
  Tensors all = a;
  all.insert(all.end(), b.begin(), b.end());
  return all;
}

/// Copies without history, of which those that needed gradients need them again.
Tensors leaves(const Tensors& tensors, const std::vector<bool>& needs) {
  Tensors result;
  for (size_t i = 0; i < tensors.size(); ++i) {
    result.push_back(tensors[i].detach());
    if (needs[i]) result.back().requires_grad_();
  }
  return result;
}

std::vector<bool> needs_of(const Tensors& tensors) {
  std::vector<bool> needs;
  for (const torch::Tensor& tensor : tensors) needs.push_back(tensor.requires_grad());
  return needs;
}

/// <cotangents, y> differentiated by `targets`; undefined where one has no influence.
Tensors pulled_back(const Tensors& y,
                    const Tensors& cotangents,
                    const Tensors& targets,
                    bool keep_graph) {
  variable_list outputs;
  variable_list weights;
  for (size_t i = 0; i < y.size(); ++i) {
    if (!y[i].requires_grad() || !cotangents[i].defined()) continue;
    outputs.push_back(y[i]);
    weights.push_back(cotangents[i]);
  }
  variable_list wanted;
  for (const torch::Tensor& target : targets) {
    if (target.requires_grad()) wanted.push_back(target);
  }
  Tensors result(targets.size());
  if (outputs.empty() || wanted.empty()) return result;
  const variable_list found = torch::autograd::grad(
      outputs, wanted, weights, keep_graph, /*create_graph=*/false, /*allow_unused=*/true);
  size_t next = 0;
  for (size_t i = 0; i < targets.size(); ++i) {
    if (targets[i].requires_grad()) result[i] = found[next++];
  }
  return result;
}

/// Gives results their place in the graph.
Tensors with_history(const GraphNode& node, const Tensors& values, const Tensors& sources) {
  Tensors outputs;
  for (const torch::Tensor& value : values) outputs.push_back(value.detach().clone());
  node->set_next_edges(torch::autograd::collect_next_edges(sources));
  for (torch::Tensor& output : outputs) torch::autograd::set_history(output, node);
  return outputs;
}

bool any_needs(const Tensors& tensors) {
  return torch::GradMode::is_enabled() &&
         std::any_of(tensors.begin(), tensors.end(), [](const torch::Tensor& tensor) {
           return tensor.requires_grad();
         });
}

struct RecomputedBackward : public torch::autograd::Node {
  RecomputedBackward(TensorsFunction of, const Tensors& from, Tensors read)
      : f(std::move(of)),
        inputs(leaves(from, std::vector<bool>(from.size(), false))),
        parameters(std::move(read)),
        needs(needs_of(from)) {}

  variable_list apply(variable_list&& gradients) override {
    const torch::AutoGradMode with_graph(true);
    const Tensors at = leaves(inputs, needs);
    return pulled_back(f(at), gradients, joined(at, parameters), /*keep_graph=*/false);
  }
  void release_variables() override { inputs.clear(); }

  TensorsFunction f;
  Tensors inputs;
  Tensors parameters;
  std::vector<bool> needs;
};

double largest(const Tensors& tensors) {
  double result = 0;
  for (const torch::Tensor& each : tensors) {
    if (each.defined() && each.numel() > 0) {
      result = std::max(result, each.abs().max().item<double>());
    }
  }
  return result;
}

struct ImplicitBackward : public torch::autograd::Node {
  variable_list apply(variable_list&& gradients) override {
    const torch::AutoGradMode with_graph(true);
    const Tensors z = leaves(point, std::vector<bool>(point.size(), true));
    const Tensors rest = leaves(constants, needs);
    const Tensors y = f(joined(z, rest));
    const Tensors w = solved(z, y, gradients);
    return pulled_back(y, w, joined(rest, parameters), /*keep_graph=*/false);
  }

  /// w = v + J^T w, by iteration: J^T shrinks as f does near its fixed point.
  Tensors solved(const Tensors& z, const Tensors& y, const variable_list& v) const {
    Tensors w;
    for (size_t i = 0; i < z.size(); ++i) {
      w.push_back(v[i].defined() ? v[i] : torch::zeros_like(z[i]));
    }
    for (int64_t k = 0; k < limits.iterations; ++k) {
      const Tensors pulled = pulled_back(y, w, z, /*keep_graph=*/true);
      Tensors change;
      for (size_t i = 0; i < z.size(); ++i) {
        torch::Tensor next = v[i].defined() ? v[i] : torch::zeros_like(z[i]);
        if (pulled[i].defined()) next = next + pulled[i];
        change.push_back(next - w[i]);
        w[i] = next;
      }
      if (largest(change) <= limits.tolerance * largest(w)) return w;
    }
    throw Error("the gradients at the fixed point do not converge within " +
                std::to_string(limits.iterations) +
                " iterations; take a smaller step_size, or gradient = \"unrolled\"");
  }

  void release_variables() override {
    point.clear();
    constants.clear();
  }

  TensorsFunction f;
  Tensors point;
  Tensors constants;
  Tensors parameters;
  std::vector<bool> needs;
  AdjointLimits limits;
};

}  // namespace

Tensors recomputed(const TensorsFunction& f, const Tensors& inputs, const Tensors& parameters) {
  const Tensors sources = joined(inputs, parameters);
  if (!any_needs(sources)) return f(inputs);
  RecomputedBackward* made = nullptr;
  const GraphNode node = make_graph_node(made, f, inputs, parameters);
  Tensors values;
  {
    const torch::NoGradGuard no_grad;
    values = f(inputs);
  }
  return with_history(node, values, sources);
}

Tensors implicit(const TensorsFunction& f,
                 const Tensors& point,
                 const Tensors& constants,
                 const Tensors& parameters,
                 const AdjointLimits& limits) {
  const Tensors sources = joined(constants, parameters);
  if (!any_needs(sources)) return point;
  ImplicitBackward* made = nullptr;
  const GraphNode node = make_graph_node(made);
  made->f = f;
  made->point = leaves(point, std::vector<bool>(point.size(), false));
  made->constants = leaves(constants, std::vector<bool>(constants.size(), false));
  made->parameters = parameters;
  made->needs = needs_of(constants);
  made->limits = limits;
  return with_history(node, point, sources);
}

}  // namespace mixwright::energy
