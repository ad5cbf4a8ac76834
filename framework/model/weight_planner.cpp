#include "framework/model/weight_planner.h"

#include <algorithm>

#include <mixwright/shape.h>

namespace mixwright::model {

namespace {

using Kind = WeightFault::Kind;

std::string shape_text(const torch::Tensor& tensor) {
  return list_text(tensor.sizes().vec());
}

/// The same sizes without memory.
torch::Tensor on_meta(const torch::Tensor& tensor) {
  return torch::empty(tensor.sizes(), tensor.options().device(torch::kMeta).requires_grad(false));
}

std::string joined(const std::vector<std::string>& names) {
  std::string result;
  for (const std::string& name : names) result += (result.empty() ? "" : " + ") + name;
  return result;
}

std::string place_of(const WeightRule& rule) {
  return rule.location.line > 0 ? " (" + rule.location.text() + ")" : "";
}

}  // namespace

WeightMap::Planner::Planner(const WeightMap& map,
                            const NamedTensors& sources,
                            const NamedTensors* targets)
    : map_(map), sources_(sources), targets_(targets) {}

WeightPlan WeightMap::Planner::run() {
  for (const auto& [name, tensor] : sources_) plan_source(name);
  if (targets_ != nullptr) find_missing();
  if (!plan_.faults.empty() && targets_ != nullptr) {
    find_expected();
    for (WeightFault& fault : plan_.faults) say_what_is_expected(fault);
  }
  std::stable_sort(plan_.faults.begin(), plan_.faults.end(), [](const auto& a, const auto& b) {
    return std::tie(a.kind, a.name) < std::tie(b.kind, b.name);
  });
  return std::move(plan_);
}

/// The rule for a source; where a map is inverted and several lead back, none and a fault.
WeightMap::Found WeightMap::Planner::rule_for(const std::string& name) {
  if (!map_.forward_) return map_.rule_for(name);
  const std::vector<Found> found = map_.rules_back(name, sources_);
  if (found.empty()) return {};
  if (found.size() == 1) return found.front();
  std::string places;
  for (const Found& one : found) {
    places += (places.empty() ? "" : " and ") + one.rule->location.text();
  }
  add_unexpected(name, places + " both lead back from it; tell them apart by beside or without");
  return {};
}

void WeightMap::Planner::add_unexpected(const std::string& name, const std::string& reason) {
  add_fault({Kind::kUnexpected, name, "", "", shape_text(sources_.at(name)), "", reason});
}

void WeightMap::Planner::plan_source(const std::string& name) {
  const size_t faults = plan_.faults.size();
  const Found found = rule_for(name);
  if (plan_.faults.size() > faults) return;
  if (found.rule == nullptr) {
    add_unexpected(name, map_.forward_ ? "no rule of " + map_.file_ + " leads back from it" : "");
    return;
  }
  if (found.rule->drop) {
    plan_.dropped.push_back(name);
    return;
  }
  if (found.which != 0) return;  // the others of a concatenation come along
  try {
    plan_move(move_of(*found.rule, found.bindings));
  } catch (const UsageError& error) {  // an index below zero
    add_unexpected(name, error.what());
  }
}

bool WeightMap::Planner::require_sources(const WeightMove& move) {
  bool all = true;
  for (const std::string& name : move.from) {
    if (sources_.contains(name)) continue;
    all = false;
    add_fault({Kind::kMissing, name, move.to.front(), "", "", "", ""});
    in_fault_.insert(move.to.begin(), move.to.end());
  }
  return all;
}

bool WeightMap::Planner::require_targets(const WeightMove& move) {
  if (targets_ == nullptr) return true;
  for (const std::string& name : move.to) {
    if (targets_->contains(name)) continue;
    for (const std::string& source : move.from) {
      add_fault({Kind::kUnexpected, source, "", "", shape_text(sources_.at(source)), "", ""});
    }
    in_fault_.insert(move.to.begin(), move.to.end());
    return false;
  }
  return true;
}

void WeightMap::Planner::plan_move(const WeightMove& move) {
  if (!require_sources(move) || !require_targets(move)) return;
  std::vector<torch::Tensor> parts;
  std::string given;
  for (const std::string& name : move.from) {
    parts.push_back(on_meta(sources_.at(name)));
    given += (given.empty() ? "" : " + ") + shape_text(parts.back());
  }
  std::vector<std::vector<int64_t>> shapes;
  if (targets_ != nullptr) {
    for (const std::string& name : move.to) shapes.push_back(targets_->at(name).sizes().vec());
  }
  const auto cannot = [&](const std::string& reason) {
    add_fault({Kind::kMisshapen,
               joined(move.from),
               move.to.front(),
               "",
               given,
               "",
               reason + place_of(*move.rule)});
    in_fault_.insert(move.to.begin(), move.to.end());
  };
  try {
    take_results(move, move.rule->run(parts, shapes));
  } catch (const c10::Error& error) {
    cannot(first_line(error.what_without_backtrace()));
  } catch (const Error& error) {
    cannot(error.what());
  }
}

void WeightMap::Planner::take_results(const WeightMove& move,
                                      const std::vector<torch::Tensor>& results) {
  bool fits = true;
  for (size_t i = 0; i < results.size(); ++i) {
    const std::string& name = move.to[i];
    if (!filled_.emplace(name, results[i]).second) {
      add_fault({Kind::kUnexpected,
                 joined(move.from),
                 "",
                 "",
                 shape_text(results[i]),
                 "",
                 "fills \"" + name + "\" a second time" + place_of(*move.rule)});
      return;
    }
    if (targets_ == nullptr) continue;
    const torch::Tensor& target = targets_->at(name);
    const bool fractions = target.is_floating_point();
    if (fractions == results[i].is_floating_point() && target.sizes() == results[i].sizes()) {
      continue;
    }
    fits = false;
    WeightFault fault{Kind::kMisshapen, joined(move.from), name, "", "", "", ""};
    if (fractions != results[i].is_floating_point()) {
      fault.reason = fractions ? "it holds integers, floating-point numbers are expected"
                               : "it holds floating-point numbers, integers are expected";
      in_fault_.insert(name);
    }
    fault.given = shape_text(move.from.size() == 1 ? sources_.at(move.from[0]) : results[i]);
    add_fault(fault);
  }
  if (fits) {
    plan_.moves.push_back(move);
  } else if (std::none_of(move.to.begin(), move.to.end(), [&](const std::string& name) {
               return in_fault_.contains(name);
             })) {
    plan_.misshapen.push_back(move);
  }
}

void WeightMap::Planner::find_missing() {
  for (const auto& [name, tensor] : *targets_) {
    if (filled_.contains(name) || in_fault_.contains(name)) continue;
    const bool kept = std::any_of(map_.rules_.begin(), map_.rules_.end(), [&](const auto& rule) {
      return rule.keep && rule.keep->match(name);
    });
    if (kept) {
      plan_.kept.push_back(name);
    } else {
      add_fault({Kind::kMissing, "", name, "", "", "", ""});
    }
  }
}

void WeightMap::Planner::add_fault(WeightFault fault) {
  plan_.faults.push_back(std::move(fault));
}

/// Sends the targets the way back, as far as the map can be undone.
void WeightMap::Planner::find_expected() {
  std::vector<std::string> refusals;
  const WeightMap back = map_.undone(&refusals);
  Planner planner(back, *targets_, nullptr);
  const WeightPlan plan = planner.run();
  for (const WeightMove& move : plan.moves) {
    Expected expected;
    for (const std::string& name : move.to) {
      expected.names.push_back(name);
      expected.shapes.push_back(shape_text(planner.filled().at(name)));
    }
    for (const std::string& ours : move.from) expected_[ours] = expected;
  }
}

void WeightMap::Planner::say_what_is_expected(WeightFault& fault) const {
  if (fault.kind == Kind::kUnexpected) {
    std::vector<std::string> open;  // names that are expected and not there
    for (const auto& [ours, expected] : expected_) {
      for (const std::string& name : expected.names) {
        if (!sources_.contains(name)) open.push_back(name);
      }
    }
    fault.nearest = nearest(fault.name, open);
    return;
  }
  const auto known = expected_.find(fault.ours);
  if (known == expected_.end()) {
    if (fault.name.empty()) fault.name = fault.ours;
    fault.expected = shape_text(targets_->at(fault.ours)) + " in the network";
  } else {
    const Expected& expected = known->second;
    if (fault.name.empty()) fault.name = joined(expected.names);
    const auto own = std::find(expected.names.begin(), expected.names.end(), fault.name);
    fault.expected = own == expected.names.end()
                         ? joined(expected.shapes)
                         : expected.shapes[static_cast<size_t>(own - expected.names.begin())];
  }
  if (fault.kind != Kind::kMissing) return;
  std::vector<std::string> strangers;  // of the file, for which there is no place
  for (const WeightFault& other : plan_.faults) {
    if (other.kind == Kind::kUnexpected) strangers.push_back(other.name);
  }
  fault.nearest = nearest(fault.name, strangers);
}

}  // namespace mixwright::model
