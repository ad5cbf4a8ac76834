#include "parameter.h"

#include <string>

#include <mixwright/error.h>

namespace mixwright::metamixer {

namespace {

std::vector<int64_t> grid_of(const ParameterOptions& options, const BuildContext& context) {
  if (options.slots && options.kernel) {
    throw Error("slots = " + std::to_string(*options.slots) + " makes a table and kernel = " +
                std::to_string(*options.kernel) + " a kernel; give one of them");
  }
  if (options.kernel) return std::vector<int64_t>(context.shape.grid.size(), *options.kernel);
  if (options.slots) return {*options.slots};
  const auto rows = static_cast<int64_t>(options.ratio * static_cast<double>(context.dim));
  if (rows < 1) {
    throw Error("ratio = " + ConfigValue(options.ratio).toml() + " of " +
                std::to_string(context.dim) +
                " channels leaves no row; give a larger ratio, or slots");
  }
  return {rows};
}

}  // namespace

Parameter::Parameter(const Options& options, const BuildContext& context) : std_(options.std) {
  Shape shape;
  shape.grid = grid_of(options, context);
  shape.channels = options.dim.value_or(context.dim);
  std::vector<int64_t> sizes = {1};
  sizes.insert(sizes.end(), shape.grid.begin(), shape.grid.end());
  sizes.push_back(shape.channels);
  weight_ = register_parameter("weight", torch::empty(sizes));
  set_out_shape(shape);
  initialize();
}

void Parameter::initialize() {
  const torch::NoGradGuard no_grad;
  weight_.normal_(0.0, std_);
}

torch::Tensor Parameter::forward(const torch::Tensor&) {
  return weight_;
}

}  // namespace mixwright::metamixer
