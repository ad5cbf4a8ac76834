#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include <mixwright/part.h>

#include "tests/support/paths.h"

namespace mixwright::test {

/// What a part, or a formula of a test, is made of: tensors by name, and what it makes of x.
struct Mixer {
  std::map<std::string, torch::Tensor> tensors;  ///< parameters and buffers
  std::function<torch::Tensor(const torch::Tensor&, const Context&)> run;
  std::shared_ptr<Layer> part;  ///< null for a formula
};

/// A part on a grid of `shape`, in the type `dtype`, in training; `value` is what stands in the
/// config.
Mixer build(const model::PartFactory& factory,
            const std::string& kind,
            const ConfigValue& value,
            const Shape& shape,
            torch::ScalarType dtype);

/// Where the other mixer's tensors hold what one of ours does: its name, and the view of it that
/// has our layout.
struct Place {
  std::string name;
  std::function<torch::Tensor(const torch::Tensor&)> view = [](const torch::Tensor& x) {
    return x;
  };
};
using Places = std::map<std::string, Place>;

/// Gives `ours` the other's numbers, runs both forward and backward and compares outputs, buffers
/// and the gradients of the input and of every parameter. Returns the largest relative error; says
/// which values go together in test failures. Every tensor of either must have its place.
double largest_error(const Mixer& ours,
                     const Mixer& other,
                     const Places& places,
                     const torch::Tensor& x,
                     const Context& context = {});

}  // namespace mixwright::test
