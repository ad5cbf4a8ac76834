#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <mixwright/conformance.h>
#include <mixwright/kinds.h>

#include "checker.h"

namespace mixwright::conformance {

/// A layer, embedding, head or interaction under test, made runnable as x -> y whatever its kind.
struct Specimen {
  std::shared_ptr<Part> part;
  std::function<torch::Tensor(const torch::Tensor&)> run;
  Shape in;
  std::vector<int64_t> out_sizes;  ///< with batch 1; empty: not promised
};

/// Sizes that a component is tried on: a grid, a batch and a width.
struct Trial {
  Shape shape;
  int64_t batch = 2;
  std::string text() const { return shape.text(); }
};

/// `shape` with a batch of one.
std::vector<int64_t> sizes_of(const Shape& shape);
torch::Tensor sample(const Trial& trial, torch::ScalarType dtype = torch::kFloat32);

/// A layer, embedding or head on its way through the suite.
class LayerCase {
 public:
  explicit LayerCase(const Subject& subject);

  bool is_kind(const char* kind) const { return std::string(subject_.entry->kind) == kind; }
  bool needs(Needs need) const { return (subject_.entry->need_bits & need) != 0; }
  /// Whether it may make another shape of what comes in.
  bool may_change_shape() const {
    return is_kind("embedding") || is_kind("projection") || is_kind("interaction") ||
           is_kind("network");
  }
  /// Whether it is a projection that never looks at its input.
  bool is_static() const;
  bool is_full() const { return subject_.tier == Tier::kFull; }
  bool has_rank(int64_t rank) const {
    return rank >= subject_.entry->lowest_rank && rank <= subject_.entry->highest_rank;
  }
  /// Of every declared rank one size, in the full tier two.
  const std::vector<Trial>& trials() const { return trials_; }
  const Trial& first() const { return trials_.front(); }
  /// Of every declared rank the first.
  std::vector<Trial> one_of_each_rank() const;

  /// Builds the subject for a trial as a network would.
  Specimen make(const Trial& trial) const;
  /// The same with weights that hide nothing: constant ones (ones, zeros, 1e-6) do.
  Specimen build(const Trial& trial) const;

 private:
  /// What a network would say of the place that the subject stands in.
  BuildContext context_for(const Trial& trial) const;

  const Subject& subject_;
  ConfigValue options_;
  std::vector<Trial> trials_;
};

/// An interaction as a specimen: its left operand is what comes in, its right one the first that
/// its constructor takes of
///   the input itself, each channel scaled by a parameter;
///   as many learned tokens as there are channels;
///   a learned kernel of three in each dimension.
/// `make` builds the interaction for a context of Interaction::between. With `is_causal` a score
/// below -1e30, which stands for what is forbidden, counts as zero.
Specimen interaction_specimen(
    const std::function<std::shared_ptr<Interaction>(const BuildContext&)>& make,
    const BuildContext& context,
    bool is_causal);

using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

/// Parameters and buffers by name; the tensors themselves.
NamedTensors state_of(const Part& part);
/// Copies of them.
NamedTensors copy_of_state(const Part& part);
/// Gives `to` the numbers that `from` has.
void copy_state(const Part& from, Part& to);
/// The name of the first tensor that differs, or "".
std::string first_difference(const NamedTensors& a, const NamedTensors& b);

/// |a - b| / |b| in float64; not a number where either has one. On any devices.
double relative_error(const torch::Tensor& a, const torch::Tensor& b);

/// Output, and gradients of the input and of every trained parameter, by name. `run` is how the
/// specimen is run.
NamedTensors answers(const Specimen& specimen,
                     const std::function<torch::Tensor(const torch::Tensor&)>& run,
                     const torch::Tensor& x,
                     const torch::Tensor& cotangent);
/// Which of two sets of answers differs by more than `most` of its length, or "".
std::string far_apart(const NamedTensors& rounded,
                      const NamedTensors& exact,
                      double most,
                      const Trial& trial);

/// Far above the rounding of bfloat16 (2^-8 a step) and far below a wrong kernel.
constexpr double kBfloat16Error = 0.1;

// Each group of checks stands in the file of its name.
void check_shapes(const LayerCase& layer, Checker& checker);
void check_numbers(const LayerCase& layer, Checker& checker);
void check_modes(const LayerCase& layer, Checker& checker);
void check_use(const LayerCase& layer, Checker& checker);
void check_device(const LayerCase& layer, Checker& checker);
void check_gpu(const LayerCase& layer, Checker& checker);

/// Trains a small network around the subject on one fixed batch of eight.
std::string memorises(const LayerCase& layer, const Trial& trial);

}  // namespace mixwright::conformance
