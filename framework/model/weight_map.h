#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <mixwright/config_value.h>

#include "framework/model/weight_plan.h"

namespace mixwright::model {

/// How another project's tensors become ours: rename, drop, reshape, permute, split, concatenate.
/// All steps are linear, so the same map serves gradients.
///
///     layout = "nchw"                     # of inputs and outputs; ours is channels last
///     prefix = "w."                       # only tensors with this prefix are weights
///     [[rule]]
///     from = "blocks.{i}.mlp.{p:*}"
///     to = "stages.0.blocks.{i}.channel_mixer.{p:*}"
///     reshape = ["o i 1 1 -> o i", "o -> o"]  # by number of dimensions; or sizes, or "target"
///     [[rule]]
///     from = ["{x:*}.q.weight", "{x:*}.k.weight", "{x:*}.v.weight"]
///     to = "{x:*}.qkv.weight"
///     concatenate = 0                     # along this dimension
///     concatenate_sizes = "equal"         # or sizes: needed for the way back alone
///     [[rule]]
///     from = "{x:*}.conv.weight"          # and another that leads to the same name
///     to = "{x:*}.weight"
///     without = "{x:*}.side.weight"       # or beside: tells on the way back which it was
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

  /// Looks at names and shapes alone; tensors on the meta device will do. Reports all that does not
  /// fit, in the names of the sources' side.
  WeightPlan plan(const NamedTensors& sources, const NamedTensors& targets) const;
  /// The same where what is to come out is not known: every source must go somewhere.
  WeightPlan plan(const NamedTensors& sources) const;

  /// Our tensors out of theirs. `targets` are ours with the shapes to fill. Throws Error where a
  /// source is neither used nor dropped, a target is not filled, or a shape does not fit.
  NamedTensors apply(const NamedTensors& sources, const NamedTensors& targets) const;
  /// The same where what is to come out is not known.
  NamedTensors apply(const NamedTensors& sources) const;

  /// The way back: their tensors out of ours. A name goes back by the rule that it came by; where
  /// several could have brought it, planning says so.
  /// Throws: UsageError with a line for each rule that cannot be undone.
  WeightMap inverted() const;
  /// Of an inverted map: places of rules that dropped tensors, which nothing brings back.
  const std::vector<SourceLocation>& lost() const { return lost_; }

  /// How many of the names have a rule that leads to one of the targets.
  size_t count_known(const std::vector<std::string>& names, const NamedTensors& targets) const;

  const std::string& file() const { return file_; }
  const std::string& prefix() const { return prefix_; }
  /// Tensors of a file that begin with `prefix`, without it.
  static NamedTensors with_prefix(const NamedTensors& all, const std::string& prefix);

  /// [B, C, H, W] -> [B, H, W, C] where the map says so and the tensor is a picture, and back.
  torch::Tensor to_ours(const torch::Tensor& x) const;
  torch::Tensor to_theirs(const torch::Tensor& x) const;

 private:
  struct Found {
    const WeightRule* rule = nullptr;  // null: none matches
    size_t which = 0;                  // of the rule's `from`
    Bindings bindings;
  };
  class Planner;

  Found rule_for(const std::string& name) const;
  std::vector<Found> rules_back(const std::string& name, const NamedTensors& ours) const;
  bool came_by(const WeightRule& inverse, const Bindings& bindings) const;
  WeightMap undone(std::vector<std::string>* refusals) const;
  NamedTensors run(const WeightPlan& plan,
                   const NamedTensors& sources,
                   const NamedTensors* targets) const;
  static WeightMove move_of(const WeightRule& rule, const Bindings& bindings);

  std::string file_;
  std::string prefix_;
  bool channels_first_ = false;
  std::vector<WeightRule> rules_;
  std::shared_ptr<const WeightMap> forward_;  // of an inverted map: what it undoes
  std::vector<SourceLocation> lost_;
};

}  // namespace mixwright::model
