#include "framework/model/weight_map.h"

#include <set>

#include <mixwright/options.h>
#include <mixwright/shape.h>

#include "framework/config/toml_reader.h"

namespace mixwright::model {

namespace {

std::string shape_text(const torch::Tensor& tensor) {
  return list_text(tensor.sizes().vec());
}

/// A string, or a list of strings, as patterns.
std::vector<NamePattern> read_patterns(const ConfigValue& value, Diagnostics& diagnostics) {
  std::vector<NamePattern> patterns;
  const auto add = [&](const ConfigValue& one) {
    if (!one.is_string()) {
      diagnostics.error(one.location(), "a tensor name expected, " + one.described() + " found");
      return;
    }
    try {
      patterns.emplace_back(one.as_string());
    } catch (const Error& error) {
      diagnostics.error(one.location(), error.what());
    }
  };
  if (value.is_array()) {
    for (const ConfigValue& one : value.as_array()) add(one);
  } else {
    add(value);
  }
  return patterns;
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

void read_step(const ConfigValue& table, WeightRule& rule, Diagnostics& diagnostics) {
  if (const ConfigValue* reshape = table.find("reshape")) {
    TensorStep step;
    step.to_target = reshape->is_string() && reshape->as_string() == "target";
    if (!step.to_target) step.reshape = read_integers(*reshape, "reshape", diagnostics);
    rule.steps.push_back(step);
  }
  if (const ConfigValue* permute = table.find("permute")) {
    TensorStep step;
    step.permute = read_integers(*permute, "permute", diagnostics);
    rule.steps.push_back(step);
  }
}

void check_keys(const ConfigValue& table,
                const std::vector<std::string>& known,
                const std::string& owner,
                Diagnostics& diagnostics) {
  options::Reader reader;
  reader.diagnostics = &diagnostics;
  reader.owner = owner;
  options::report_unknown(reader, table, known);
}

int64_t read_dimension(const ConfigValue* value, Diagnostics& diagnostics) {
  if (value == nullptr) return 0;
  if (value->is_integer()) return value->as_integer();
  diagnostics.error(value->location(), "a dimension expected, " + value->described() + " found");
  return 0;
}

WeightRule read_rule(const ConfigValue& table, Diagnostics& diagnostics) {
  WeightRule rule;
  rule.location = table.location();
  check_keys(table,
             {"from",
              "to",
              "drop",
              "keep",
              "reshape",
              "permute",
              "steps",
              "concatenate",
              "split",
              "split_sizes"},
             "a weight map's rule",
             diagnostics);
  if (const ConfigValue* from = table.find("from")) rule.from = read_patterns(*from, diagnostics);
  if (const ConfigValue* to = table.find("to")) rule.to = read_patterns(*to, diagnostics);
  for (const auto& [key, place] : {std::pair{"drop", &rule.drop}, std::pair{"keep", &rule.keep}}) {
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
  read_step(table, rule, diagnostics);
  if (const ConfigValue* steps = table.find("steps"); steps != nullptr && steps->is_array()) {
    for (const ConfigValue& step : steps->as_array()) read_step(step, rule, diagnostics);
  }
  rule.concatenate = read_dimension(table.find("concatenate"), diagnostics);
  rule.split = read_dimension(table.find("split"), diagnostics);
  if (const ConfigValue* sizes = table.find("split_sizes")) {
    rule.split_sizes = read_integers(*sizes, "split_sizes", diagnostics);
  }
  return rule;
}

torch::Tensor run_steps(torch::Tensor tensor,
                        const std::vector<TensorStep>& steps,
                        at::IntArrayRef target) {
  for (const TensorStep& step : steps) {
    if (step.to_target) {
      tensor = tensor.reshape(target);
    } else if (!step.reshape.empty()) {
      tensor = tensor.reshape(step.reshape);
    }
    if (!step.permute.empty()) tensor = tensor.permute(step.permute);
  }
  return tensor;
}

}  // namespace

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
  check_keys(root, {"format", "layout", "prefix", "rule"}, "a weight map", diagnostics);
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
      map.rules_.push_back(read_rule(rule, diagnostics));
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

const WeightRule* WeightMap::rule_for(const std::string& name,
                                      size_t& which,
                                      Bindings& bindings) const {
  for (const WeightRule& rule : rules_) {
    if (rule.drop && rule.drop->match(name)) return &rule;
    for (which = 0; which < rule.from.size(); ++which) {
      if (auto found = rule.from[which].match(name)) {
        bindings = *found;
        return &rule;
      }
    }
  }
  return nullptr;
}

void WeightMap::run_rule(const WeightRule& rule,
                         const Bindings& bindings,
                         const NamedTensors& sources,
                         const NamedTensors& targets,
                         NamedTensors& filled) const {
  const std::string place = rule.location.line > 0 ? rule.location.text() : file_;
  std::vector<torch::Tensor> parts;
  std::string from;
  for (const NamePattern& pattern : rule.from) {
    const std::string name = pattern.fill(bindings);
    const auto source = sources.find(name);
    if (source == sources.end()) {
      throw Error(place + ": tensor \"" + name + "\" is missing in the weights");
    }
    parts.push_back(source->second);
    from += (from.empty() ? "" : " + ") + name;
  }
  torch::Tensor joined = parts.size() == 1 ? parts[0] : torch::cat(parts, rule.concatenate);
  std::vector<torch::Tensor> pieces = {joined};
  if (rule.to.size() > 1) {
    pieces = rule.split_sizes.empty()
                 ? joined.chunk(static_cast<int64_t>(rule.to.size()), rule.split)
                 : joined.split_with_sizes(rule.split_sizes, rule.split);
  }
  for (size_t i = 0; i < rule.to.size(); ++i) {
    const std::string name = rule.to[i].fill(bindings);
    const auto target = targets.find(name);
    if (target == targets.end()) {
      std::vector<std::string> names;
      for (const auto& entry : targets) names.push_back(entry.first);
      throw Error(place + ": \"" + from + "\" goes to \"" + name +
                  "\", which the network does not have" + did_you_mean(name, names));
    }
    torch::Tensor value;
    try {
      value = run_steps(pieces.at(i), rule.steps, target->second.sizes());
    } catch (const c10::Error& error) {
      throw Error(place + ": \"" + from + "\" " + shape_text(pieces.at(i)) + " -> \"" + name +
                  "\" " + shape_text(target->second) + ": " +
                  first_line(error.what_without_backtrace()));
    }
    if (value.sizes() != target->second.sizes()) {
      throw Error(place + ": \"" + from + "\" has shape " + shape_text(value) + ", \"" + name +
                  "\" needs " + shape_text(target->second) +
                  (value.numel() == target->second.numel()
                       ? "; say reshape = \"target\" if the order of elements is the same"
                       : ""));
    }
    if (!filled.emplace(name, value.contiguous()).second) {
      throw Error(place + ": \"" + name + "\" is filled twice, the second time by \"" + from +
                  "\"");
    }
  }
}

NamedTensors WeightMap::apply(const NamedTensors& sources, const NamedTensors& targets) const {
  NamedTensors filled;
  std::vector<std::string> unused;
  for (const auto& [name, tensor] : sources) {
    size_t which = 0;
    Bindings bindings;
    const WeightRule* rule = rule_for(name, which, bindings);
    if (rule == nullptr) {
      unused.push_back(name);
    } else if (!rule->drop && which == 0) {  // the others of a concatenation come along
      run_rule(*rule, bindings, sources, targets, filled);
    }
  }
  if (!unused.empty()) {
    throw Error(file_ + ": no rule for tensor \"" + unused.front() + "\"" +
                (unused.size() > 1 ? " and " + std::to_string(unused.size() - 1) + " more" : "") +
                "; map it or drop it");
  }
  std::vector<std::string> missing;
  for (const auto& [name, tensor] : targets) {
    if (filled.count(name) != 0) continue;
    bool kept = false;
    for (const WeightRule& rule : rules_) kept = kept || (rule.keep && rule.keep->match(name));
    if (!kept) missing.push_back(name);
  }
  if (!missing.empty()) {
    throw Error(file_ + ": nothing fills \"" + missing.front() + "\"" +
                (missing.size() > 1 ? " and " + std::to_string(missing.size() - 1) + " more" : "") +
                " of the network; map it, or keep it as it is with a rule keep = \"…\"");
  }
  return filled;
}

}  // namespace mixwright::model
