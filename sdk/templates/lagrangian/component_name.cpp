#include "component_name.h"

ComponentName::ComponentName(const Options& options)
    : square_of_width_(options.width * options.width) {}

torch::Tensor ComponentName::root(const torch::Tensor& x) const {
  return torch::sqrt(x.square() + square_of_width_);
}

torch::Tensor ComponentName::value(const torch::Tensor& x) const {
  return root(x).flatten(1).sum(1);  // [B, *grid, C] -> [B]: each sample is a layer of its own
}

torch::Tensor ComponentName::gradient(const torch::Tensor& x) const {
  return x / root(x);
}

torch::Tensor ComponentName::hessian_product(const torch::Tensor& x, const torch::Tensor& v) const {
  return v * square_of_width_ / root(x).pow(3);
}

MIXWRIGHT_PLUGIN("component_name",
                 "0.1.0",
                 "Apache-2.0",
                 lagrangian<ComponentName>("component_name",
                                           "g = x / sqrt(x^2 + w^2)",
                                           "your paper"))
