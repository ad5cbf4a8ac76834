#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plugins/energy/ham.h"

namespace mixwright::energy {

/// Builds components as a network would, this plugin's out of this program.
std::shared_ptr<Lagrangian> make_lagrangian(const std::string& toml, const Shape& shape);
std::shared_ptr<Synapse> make_synapse(const std::string& toml, const std::vector<Shape>& layers);
/// In float64. `toml` holds the options of `ham`; `incoming` is the input's shape.
std::shared_ptr<Ham> make_ham(const std::string& toml, const Shape& incoming);
/// A block of another plugin, in float64.
LayerPtr make_block(const std::string& toml, const Shape& shape);

/// [2, 3, 4] -> a grid of [2, 3] with 4 channels.
Shape shape(std::vector<int64_t> sizes);

/// A memory somewhere: normal states of deviation 1.5, two samples.
MemoryState random_state(const Ham& ham);

/// What golden numbers are exact to: results in float64 that were stored as float32.
constexpr double kStored = 2e-6;

/// A golden file that lies in the repository, in float64.
std::map<std::string, torch::Tensor> golden(const std::string& file);

/// max|a - b|, and of the largest |b|.
double absolute_error(const torch::Tensor& a, const torch::Tensor& b);
double relative_error(const torch::Tensor& a, const torch::Tensor& b);

/// Puts numbers into the parameter of that name.
void set_parameter(torch::nn::Module& module, const std::string& name, const torch::Tensor& value);

}  // namespace mixwright::energy
