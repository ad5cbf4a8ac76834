#include "framework/model/weight_map.h"

#include <mixwright/options.h>

#include "framework/config/toml_reader.h"
#include "framework/model/weight_planner.h"

namespace mixwright::model {

WeightMap WeightMap::identity() {
  WeightMap map;
  map.file_ = "no weight map";
  WeightRule rule;
  rule.from = {NamePattern("{name:*}")};
  rule.to = {NamePattern("{name:*}")};
  map.rules_.push_back(rule);
  return map;
}

WeightMap WeightMap::load(const std::filesystem::path& path) {
  const ConfigValue root = config::read_toml_file(path.string());
  Diagnostics diagnostics;
  WeightMap map;
  map.file_ = path.string();
  options::Reader reader;
  reader.diagnostics = &diagnostics;
  reader.owner = "a weight map";
  options::report_unknown(reader, root, {"format", "layout", "prefix", "rule"});
  if (const ConfigValue* layout = root.find("layout")) {
    const bool text = layout->is_string();
    map.channels_first_ = text && layout->as_string() == "nchw";
    if (!map.channels_first_ && (!text || layout->as_string() != "nhwc")) {
      diagnostics.error(
          layout->location(),
          "layout: one of \"nchw\", \"nhwc\" expected, " + layout->described() + " found");
    }
  }
  if (const ConfigValue* prefix = root.find("prefix"); prefix != nullptr && prefix->is_string()) {
    map.prefix_ = prefix->as_string();
  }
  if (const ConfigValue* rules = root.find("rule"); rules != nullptr && rules->is_array()) {
    for (const ConfigValue& rule : rules->as_array()) {
      map.rules_.push_back(read_weight_rule(rule, diagnostics));
      map.rules_.back().line = map.rules_.size() - 1;
    }
  }
  diagnostics.throw_if_errors();
  return map;
}

NamedTensors WeightMap::with_prefix(const NamedTensors& all, const std::string& prefix) {
  NamedTensors result;
  for (const auto& [name, tensor] : all) {
    if (name.starts_with(prefix)) result[name.substr(prefix.size())] = tensor;
  }
  return result;
}

torch::Tensor WeightMap::to_ours(const torch::Tensor& x) const {
  return channels_first_ && x.dim() == 4 ? x.permute({0, 2, 3, 1}).contiguous() : x;
}

torch::Tensor WeightMap::to_theirs(const torch::Tensor& x) const {
  return channels_first_ && x.dim() == 4 ? x.permute({0, 3, 1, 2}).contiguous() : x;
}

WeightMap::Found WeightMap::rule_for(const std::string& name) const {
  for (const WeightRule& rule : rules_) {
    if (rule.drop && rule.drop->match(name)) return {&rule, 0, {}};
    for (size_t which = 0; which < rule.from.size(); ++which) {
      if (const auto bindings = rule.from[which].match(name)) return {&rule, which, *bindings};
    }
  }
  return {};
}

/// Of an inverted map: all rules that `name` may have come by; those that drop only where no other
/// does.
std::vector<WeightMap::Found> WeightMap::rules_back(const std::string& name,
                                                    const NamedTensors& ours) const {
  std::vector<Found> found;
  for (const WeightRule& rule : rules_) {
    if (rule.drop && rule.drop->match(name) && found.empty()) return {{&rule, 0, {}}};
    for (size_t which = 0; which < rule.from.size(); ++which) {
      const auto bindings = rule.from[which].match(name);
      if (!bindings || !came_by(rule, *bindings)) continue;
      if (rule.beside && !ours.contains(rule.beside->fill(*bindings))) continue;
      if (rule.without && ours.contains(rule.without->fill(*bindings))) continue;
      found.push_back({&rule, which, *bindings});
    }
  }
  return found;
}

WeightMove WeightMap::move_of(const WeightRule& rule, const Bindings& bindings) {
  WeightMove move;
  move.rule = &rule;
  for (const NamePattern& pattern : rule.from) move.from.push_back(pattern.fill(bindings));
  for (const NamePattern& pattern : rule.to) move.to.push_back(pattern.fill(bindings));
  return move;
}

/// Whether what `inverse` leads to is taken by its own rule on the way here, and comes out as it
/// was.
bool WeightMap::came_by(const WeightRule& inverse, const Bindings& bindings) const {
  const WeightMove back = move_of(inverse, bindings);
  for (size_t i = 0; i < back.to.size(); ++i) {
    const Found found = forward_->rule_for(back.to[i]);
    if (found.rule == nullptr || found.rule->drop || found.rule->line != inverse.line) return false;
    if (found.which != i || move_of(*found.rule, found.bindings).to != back.from) return false;
  }
  return true;
}

WeightMap WeightMap::undone(std::vector<std::string>* refusals) const {
  WeightMap result;
  result.file_ = file_;
  result.prefix_ = prefix_;
  result.channels_first_ = channels_first_;
  result.forward_ = std::make_shared<WeightMap>(*this);
  std::vector<WeightRule> kept;
  for (const WeightRule& rule : rules_) {
    try {
      if (rule.drop) {
        result.lost_.push_back(rule.location);
      } else {
        (rule.keep ? kept : result.rules_).push_back(rule.inverted());
      }
    } catch (const Error& error) {
      refusals->push_back(rule.location.text() + ": cannot be undone: " + error.what());
    }
  }
  // What keeps its value here has none there, unless another rule brings it.
  result.rules_.insert(result.rules_.end(), kept.begin(), kept.end());
  return result;
}

WeightMap WeightMap::inverted() const {
  std::vector<std::string> refusals;
  WeightMap result = undone(&refusals);
  if (refusals.empty()) return result;
  std::string text;
  for (const std::string& refusal : refusals) text += (text.empty() ? "" : "\n") + refusal;
  throw UsageError(text);
}

WeightPlan WeightMap::plan(const NamedTensors& sources, const NamedTensors& targets) const {
  return Planner(*this, sources, &targets).run();
}

WeightPlan WeightMap::plan(const NamedTensors& sources) const {
  return Planner(*this, sources, nullptr).run();
}

NamedTensors WeightMap::apply(const NamedTensors& sources, const NamedTensors& targets) const {
  return run(plan(sources, targets), sources, &targets);
}

NamedTensors WeightMap::apply(const NamedTensors& sources) const {
  return run(plan(sources), sources, nullptr);
}

NamedTensors WeightMap::run(const WeightPlan& plan,
                            const NamedTensors& sources,
                            const NamedTensors* targets) const {
  if (!plan.faults.empty()) {
    const size_t more = plan.faults.size() - 1;
    throw Error(file_ + ": " + plan.faults.front().text() +
                (more > 0 ? "; " + std::to_string(more) + " more do not fit" : ""));
  }
  NamedTensors filled;
  for (const WeightMove& move : plan.moves) {
    std::vector<torch::Tensor> parts;
    std::vector<std::vector<int64_t>> shapes;
    for (const std::string& name : move.from) parts.push_back(sources.at(name));
    if (targets != nullptr) {
      for (const std::string& name : move.to) shapes.push_back(targets->at(name).sizes().vec());
    }
    const std::vector<torch::Tensor> values = move.rule->run(parts, shapes);
    for (size_t i = 0; i < values.size(); ++i) filled[move.to[i]] = values[i].contiguous();
  }
  return filled;
}

size_t WeightMap::count_known(const std::vector<std::string>& names,
                              const NamedTensors& targets) const {
  size_t count = 0;
  for (const std::string& name : names) {
    const Found found = rule_for(name);
    if (found.rule == nullptr || found.rule->drop) continue;
    try {
      if (targets.contains(move_of(*found.rule, found.bindings).to.front())) ++count;
    } catch (const UsageError&) {  // an index below zero
      continue;
    }
  }
  return count;
}

}  // namespace mixwright::model
