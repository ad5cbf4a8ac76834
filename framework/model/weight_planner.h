#pragma once

#include <set>

#include "framework/model/weight_map.h"

namespace mixwright::model {

/// One use of WeightMap::plan.
class WeightMap::Planner {
 public:
  /// `targets` may be null: whatever comes out is taken.
  Planner(const WeightMap& map, const NamedTensors& sources, const NamedTensors* targets);
  WeightPlan run();
  /// What came out, on the meta device.
  const NamedTensors& filled() const { return filled_; }

 private:
  /// A target as the sources' side has it.
  struct Expected {
    std::vector<std::string> names;
    std::vector<std::string> shapes;
  };

  Found rule_for(const std::string& name);
  void add_unexpected(const std::string& name, const std::string& reason);
  void plan_source(const std::string& name);
  void plan_move(const WeightMove& move);
  void take_results(const WeightMove& move, const std::vector<torch::Tensor>& results);
  void find_missing();
  bool require_sources(const WeightMove& move);
  bool require_targets(const WeightMove& move);
  void add_fault(WeightFault fault);
  void find_expected();
  void say_what_is_expected(WeightFault& fault) const;

  const WeightMap& map_;
  const NamedTensors& sources_;
  const NamedTensors* targets_;
  NamedTensors filled_;
  std::set<std::string> in_fault_;            // targets that a fault names already
  std::map<std::string, Expected> expected_;  // by target; what the map cannot undo is not there
  WeightPlan plan_;
};

}  // namespace mixwright::model
