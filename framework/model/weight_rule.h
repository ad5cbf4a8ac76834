#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <mixwright/config_value.h>
#include <mixwright/error.h>

#include "framework/model/axis_pattern.h"
#include "framework/model/name_pattern.h"

namespace mixwright::model {

using NamedTensors = std::map<std::string, torch::Tensor>;

/// One step that changes a tensor on its way: a shape or an order of dimensions.
struct TensorStep {
  std::vector<AxisPattern> patterns;  ///< told apart by their ranks; empty: none
  std::vector<int64_t> reshape;       ///< empty: no reshape, unless to_target
  bool to_target = false;             ///< reshape = "target": to the shape of the tensor it fills
  std::vector<int64_t> permute;
};

/// How a dimension is cut: in as many equal parts as there are names, or in these sizes.
struct Cut {
  int64_t dimension = 0;
  std::vector<int64_t> sizes;
  bool equal = false;
};

/// One line of a weight map; exactly one of from/to, drop and keep. What comes in goes through
/// `before`, is joined, cut, and goes through `steps`.
struct WeightRule {
  SourceLocation location;
  std::vector<NamePattern> from;  ///< more than one: concatenated
  std::vector<NamePattern> to;    ///< more than one: split
  std::optional<NamePattern> drop;
  std::optional<NamePattern> keep;  ///< targets that keep their own value
  /// On the way back, where several rules lead to the same name of ours: only where the network
  /// has, or has not, a tensor of this name.
  std::optional<NamePattern> beside;
  std::optional<NamePattern> without;
  std::vector<TensorStep> before;  ///< of inverted rules only
  Cut concatenate;
  Cut split;
  std::vector<TensorStep> steps;
  size_t line = 0;  ///< its number in the map

  /// What the tensors of `to` become of those of `from`. `targets` are the shapes to fill, one for
  /// each of `to`, or none where they are not known. Throws: Error, c10::Error.
  std::vector<torch::Tensor> run(const std::vector<torch::Tensor>& sources,
                                 const std::vector<std::vector<int64_t>>& targets) const;
  /// The rule that undoes this one; of a `keep` it is the `drop` of the same names. Throws: Error
  /// with what cannot be undone.
  WeightRule inverted() const;
};

/// Reads one table of a map; what is wrong goes to `diagnostics`.
WeightRule read_weight_rule(const ConfigValue& table, Diagnostics& diagnostics);

}  // namespace mixwright::model
