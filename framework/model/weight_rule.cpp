#include "framework/model/weight_rule.h"

#include <algorithm>
#include <ranges>
#include <set>

#include <mixwright/options.h>
#include <mixwright/shape.h>

namespace mixwright::model {

namespace {

torch::Tensor run_step(const torch::Tensor& tensor,
                       const TensorStep& step,
                       const std::vector<int64_t>& target) {
  torch::Tensor result = tensor;
  if (step.to_target) result = result.reshape(target);
  if (!step.reshape.empty()) result = result.reshape(step.reshape);
  if (!step.permute.empty()) result = result.permute(step.permute);
  if (step.patterns.empty()) return result;
  for (const AxisPattern& pattern : step.patterns) {
    if (pattern.rank() == static_cast<size_t>(tensor.dim())) return pattern.apply(tensor, target);
  }
  return step.patterns.front().apply(tensor, target);  // says why it does not fit
}

torch::Tensor run_steps(torch::Tensor tensor,
                        const std::vector<TensorStep>& steps,
                        const std::vector<int64_t>& target) {
  for (size_t i = 0; i < steps.size(); ++i) {
    const bool last = i + 1 == steps.size();
    tensor =
        run_step(tensor, steps[i], last || steps[i].to_target ? target : std::vector<int64_t>());
  }
  return tensor;
}

/// The parts' sizes along the dimension where they are said or said to be equal must be those.
void check_parts(const std::vector<torch::Tensor>& parts, const Cut& cut) {
  for (size_t i = 0; i < parts.size(); ++i) {
    const int64_t size = parts[i].size(cut.dimension);
    const int64_t said = cut.equal           ? parts[0].size(cut.dimension)
                         : cut.sizes.empty() ? size
                                             : cut.sizes.at(i);
    if (size != said) {
      throw Error("part " + std::to_string(i) + " " + list_text(parts[i].sizes().vec()) +
                  " to be joined is " + std::to_string(said) + " by the map along dimension " +
                  std::to_string(cut.dimension));
    }
  }
}

std::vector<torch::Tensor> cut_apart(const torch::Tensor& whole, const Cut& cut, size_t parts) {
  if (!cut.sizes.empty()) return whole.split_with_sizes(cut.sizes, cut.dimension);
  if (whole.size(cut.dimension) % static_cast<int64_t>(parts) != 0) {
    throw Error(list_text(whole.sizes().vec()) + " does not split into " + std::to_string(parts) +
                " equal parts along dimension " + std::to_string(cut.dimension));
  }
  return whole.chunk(static_cast<int64_t>(parts), cut.dimension);
}

TensorStep inverted_step(const TensorStep& step) {
  if (step.to_target || !step.reshape.empty()) {
    throw Error("its reshape says no shape to go back to; say it as \"o i 1 1 -> o i\"");
  }
  TensorStep result;
  std::set<size_t> ranks;
  for (const AxisPattern& pattern : step.patterns) {
    result.patterns.push_back(pattern.inverted());
    if (!ranks.insert(result.patterns.back().rank()).second) {
      throw Error("two of its reshapes give " + std::to_string(result.patterns.back().rank()) +
                  " dimensions, so that it is not known which to undo; make it two rules");
    }
  }
  result.permute.resize(step.permute.size());
  for (size_t i = 0; i < step.permute.size(); ++i) {
    result.permute.at(static_cast<size_t>(step.permute[i])) = static_cast<int64_t>(i);
  }
  return result;
}

std::vector<TensorStep> inverted_steps(const std::vector<TensorStep>& steps) {
  std::vector<TensorStep> result;
  for (const TensorStep& step : std::views::reverse(steps)) result.push_back(inverted_step(step));
  return result;
}

}  // namespace

std::vector<torch::Tensor> WeightRule::run(const std::vector<torch::Tensor>& sources,
                                           const std::vector<std::vector<int64_t>>& targets) const {
  std::vector<torch::Tensor> parts;
  for (const torch::Tensor& source : sources) parts.push_back(run_steps(source, before, {}));
  if (parts.size() > 1) check_parts(parts, concatenate);
  const torch::Tensor whole =
      parts.size() == 1 ? parts[0] : torch::cat(parts, concatenate.dimension);
  std::vector<torch::Tensor> pieces = {whole};
  if (to.size() > 1) pieces = cut_apart(whole, split, to.size());
  for (size_t i = 0; i < pieces.size(); ++i) {
    pieces[i] =
        run_steps(pieces[i], steps, targets.empty() ? std::vector<int64_t>() : targets.at(i));
  }
  return pieces;
}

WeightRule WeightRule::inverted() const {
  WeightRule result;
  result.location = location;
  result.line = line;
  if (keep) {
    result.drop = keep;
    return result;
  }
  result.from = to;
  result.to = from;
  for (NamePattern& pattern : result.from) pattern.take_kinds(from);
  std::set<std::string> known;
  for (const NamePattern& pattern : to) known.merge(pattern.holes());
  for (const NamePattern& pattern : from) {
    for (const std::string& hole : pattern.holes()) {
      if (!known.contains(hole)) {
        throw Error("{" + hole + "} of its \"from\" stands not in its \"to\"");
      }
    }
  }
  if (from.size() > 1 && concatenate.sizes.empty() && !concatenate.equal) {
    throw Error(
        "it joins tensors of sizes that it does not say; say concatenate_sizes = \"equal\", or the "
        "sizes");
  }
  result.beside = beside;
  result.without = without;
  result.before = inverted_steps(steps);
  result.concatenate = split;
  result.concatenate.equal = split.sizes.empty();
  result.split = concatenate;
  result.steps = inverted_steps(before);
  return result;
}

namespace {

/// A string, or a list of strings, as objects that are made of text.
template <class T>
std::vector<T> read_texts(const ConfigValue& value,
                          const std::string& what,
                          Diagnostics& diagnostics) {
  std::vector<T> result;
  const auto add = [&](const ConfigValue& one) {
    if (!one.is_string()) {
      diagnostics.error(one.location(), what + " expected, " + one.described() + " found");
      return;
    }
    try {
      result.emplace_back(one.as_string());
    } catch (const Error& error) {
      diagnostics.error(one.location(), error.what());
    }
  };
  if (value.is_array()) {
    for (const ConfigValue& one : value.as_array()) add(one);
  } else {
    add(value);
  }
  return result;
}

std::vector<NamePattern> read_patterns(const ConfigValue& value, Diagnostics& diagnostics) {
  return read_texts<NamePattern>(value, "a tensor name", diagnostics);
}

std::vector<int64_t> read_integers(const ConfigValue& value,
                                   const std::string& key,
                                   Diagnostics& diagnostics) {
  std::vector<int64_t> result;
  const bool list = value.is_array();
  if (list) {
    for (const ConfigValue& one : value.as_array()) {
      if (one.is_integer()) result.push_back(one.as_integer());
    }
  }
  if (!list || result.size() != value.as_array().size()) {
    diagnostics.error(value.location(),
                      key + ": a list of integers expected, " + value.described() + " found");
  }
  return result;
}

/// "target", a list of sizes, or a pattern or a list of patterns.
TensorStep read_reshape(const ConfigValue& value, Diagnostics& diagnostics) {
  TensorStep step;
  step.to_target = value.is_string() && value.as_string() == "target";
  if (step.to_target) return step;
  const bool sizes =
      value.is_array() && (value.as_array().empty() || !value.as_array().front().is_string());
  if (sizes) {
    step.reshape = read_integers(value, "reshape", diagnostics);
    return step;
  }
  step.patterns = read_texts<AxisPattern>(value, "a reshape", diagnostics);
  std::set<size_t> ranks;
  for (const AxisPattern& pattern : step.patterns) {
    if (ranks.insert(pattern.rank()).second) continue;
    diagnostics.error(value.location(),
                      "reshape: two patterns for tensors of " + std::to_string(pattern.rank()) +
                          " dimensions; each number of dimensions once expected");
  }
  return step;
}

void read_steps(const ConfigValue& table, WeightRule& rule, Diagnostics& diagnostics) {
  if (const ConfigValue* reshape = table.find("reshape")) {
    rule.steps.push_back(read_reshape(*reshape, diagnostics));
  }
  if (const ConfigValue* permute = table.find("permute")) {
    TensorStep step;
    step.permute = read_integers(*permute, "permute", diagnostics);
    std::vector<int64_t> sorted = step.permute;
    std::sort(sorted.begin(), sorted.end());
    for (size_t i = 0; i < sorted.size(); ++i) {
      if (sorted[i] == static_cast<int64_t>(i)) continue;
      diagnostics.error(permute->location(),
                        "permute: each of 0 to " + std::to_string(sorted.size() - 1) +
                            " once expected, " + permute->toml() + " found");
      break;
    }
    rule.steps.push_back(step);
  }
}

/// `concatenate = 0` with `concatenate_sizes`, or the same of split.
Cut read_cut(const ConfigValue& table, const std::string& key, Diagnostics& diagnostics) {
  Cut cut;
  if (const ConfigValue* dimension = table.find(key)) {
    if (dimension->is_integer()) {
      cut.dimension = dimension->as_integer();
    } else {
      diagnostics.error(dimension->location(),
                        key + ": a dimension expected, " + dimension->described() + " found");
    }
  }
  if (const ConfigValue* sizes = table.find(key + "_sizes")) {
    cut.equal = sizes->is_string() && sizes->as_string() == "equal";
    if (!cut.equal) cut.sizes = read_integers(*sizes, key + "_sizes", diagnostics);
  }
  return cut;
}

void check_cut(const Cut& cut,
               size_t names,
               const ConfigValue& table,
               const std::string& key,
               Diagnostics& diagnostics) {
  if (cut.sizes.empty() || cut.sizes.size() == names) return;
  diagnostics.error(table.find(key)->location(),
                    key + ": " + std::to_string(names) + " sizes expected, one for each name, " +
                        std::to_string(cut.sizes.size()) + " found");
}

}  // namespace

WeightRule read_weight_rule(const ConfigValue& table, Diagnostics& diagnostics) {
  WeightRule rule;
  rule.location = table.location();
  options::Reader reader;
  reader.diagnostics = &diagnostics;
  reader.owner = "a weight map's rule";
  options::report_unknown(reader,
                          table,
                          {"from",
                           "to",
                           "drop",
                           "keep",
                           "beside",
                           "without",
                           "reshape",
                           "permute",
                           "steps",
                           "concatenate",
                           "concatenate_sizes",
                           "split",
                           "split_sizes"});
  if (const ConfigValue* from = table.find("from")) rule.from = read_patterns(*from, diagnostics);
  if (const ConfigValue* to = table.find("to")) rule.to = read_patterns(*to, diagnostics);
  for (const auto& [key, place] : {std::pair{"drop", &rule.drop},
                                   std::pair{"keep", &rule.keep},
                                   std::pair{"beside", &rule.beside},
                                   std::pair{"without", &rule.without}}) {
    if (const ConfigValue* value = table.find(key)) {
      const std::vector<NamePattern> patterns = read_patterns(*value, diagnostics);
      if (patterns.size() == 1) *place = patterns.front();
    }
  }
  const int kinds =
      (rule.from.empty() && rule.to.empty() ? 0 : 1) + (rule.drop ? 1 : 0) + (rule.keep ? 1 : 0);
  if (kinds != 1 || rule.from.empty() != rule.to.empty()) {
    diagnostics.error(table.location(), "a rule has either from and to, or drop, or keep");
  }
  read_steps(table, rule, diagnostics);
  if (const ConfigValue* steps = table.find("steps"); steps != nullptr && steps->is_array()) {
    for (const ConfigValue& step : steps->as_array()) read_steps(step, rule, diagnostics);
  }
  rule.concatenate = read_cut(table, "concatenate", diagnostics);
  rule.split = read_cut(table, "split", diagnostics);
  check_cut(rule.concatenate, rule.from.size(), table, "concatenate_sizes", diagnostics);
  check_cut(rule.split, rule.to.size(), table, "split_sizes", diagnostics);
  return rule;
}

}  // namespace mixwright::model
