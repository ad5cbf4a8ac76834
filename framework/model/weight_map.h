#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <mixwright/config_value.h>

#include "framework/model/name_pattern.h"

namespace mixwright::model {

using NamedTensors = std::map<std::string, torch::Tensor>;

/// One step that changes a tensor on its way: a shape or an order of dimensions.
struct TensorStep {
  std::vector<int64_t> reshape;  ///< empty: no reshape, unless to_target
  bool to_target = false;        ///< reshape = "target": to the shape of the tensor it fills
  std::vector<int64_t> permute;
};

/// One line of a weight map; exactly one of from/to, drop and keep.
struct WeightRule {
  SourceLocation location;
  std::vector<NamePattern> from;  ///< more than one: concatenated along `concatenate`
  std::vector<NamePattern> to;    ///< more than one: split along `split`
  std::optional<NamePattern> drop;
  std::optional<NamePattern> keep;  ///< targets that keep their own value
  std::vector<TensorStep> steps;
  int64_t concatenate = 0;
  int64_t split = 0;
  std::vector<int64_t> split_sizes;  ///< empty: equal parts
};

/// How another project's tensors become ours: rename, drop, reshape, permute, split, concatenate.
/// All steps are linear, so the same map serves gradients.
///
///     layout = "nchw"                     # of inputs and outputs; ours is channels last
///     prefix = "w."                       # only tensors with this prefix are weights
///     [[rule]]
///     from = "blocks.{i}.mlp.{p:*}"
///     to = "stages.0.blocks.{i}.channel_mixer.{p:*}"
///     reshape = "target"                  # or a list of sizes
///     [[rule]]
///     drop = "{x:*}.weight_sigma"
///     [[rule]]
///     keep = "{x:*}.num_batches_tracked"  # of our side: stays as it is
///
/// The first rule that matches a name is taken.
class WeightMap {
 public:
  static WeightMap load(const std::filesystem::path& path);  // throws UsageError
  /// A map that changes nothing.
  static WeightMap identity();

  /// Our tensors out of theirs. `targets` are ours with the shapes to fill. Throws Error where a
  /// source is neither used nor dropped, a target is not filled, or a shape does not fit.
  NamedTensors apply(const NamedTensors& sources, const NamedTensors& targets) const;

  const std::string& prefix() const { return prefix_; }
  /// Tensors of a file that begin with `prefix`, without it.
  static NamedTensors with_prefix(const NamedTensors& all, const std::string& prefix);

  /// [B, C, H, W] -> [B, H, W, C] where the map says so and the tensor is a picture, and back.
  torch::Tensor to_ours(const torch::Tensor& x) const;
  torch::Tensor to_theirs(const torch::Tensor& x) const;

 private:
  const WeightRule* rule_for(const std::string& name, size_t& which, Bindings& bindings) const;
  void run_rule(const WeightRule& rule,
                const Bindings& bindings,
                const NamedTensors& sources,
                const NamedTensors& targets,
                NamedTensors& filled) const;

  std::string file_;
  std::string prefix_;
  bool channels_first_ = false;
  std::vector<WeightRule> rules_;
};

}  // namespace mixwright::model
