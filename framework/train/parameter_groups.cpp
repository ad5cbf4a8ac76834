#include "framework/train/parameter_groups.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string_view>

#include <mixwright/error.h>
#include <mixwright/kinds.h>

#include "framework/model/name_pattern.h"

namespace mixwright::train {

namespace {

// In the last word of a parameter's name.
constexpr std::array<std::string_view, 5> kNoDecayWords = {
    "bias", "position", "pos_embed", "class_token", "cls_token"};

std::string_view last_word(std::string_view name) {
  return name.substr(name.rfind('.') + 1);  // npos + 1 is 0
}

bool named_without_decay(const std::string& name, const std::vector<std::string>& endings) {
  const std::string_view word = last_word(name);
  const auto in_word = [&](std::string_view known) {
    return word.find(known) != std::string_view::npos;
  };
  const auto at_end = [&](const std::string& ending) { return name.ends_with(ending); };
  return std::any_of(kNoDecayWords.begin(), kNoDecayWords.end(), in_word) ||
         std::any_of(endings.begin(), endings.end(), at_end);
}

std::vector<std::string> normalization_prefixes(const model::Network& network) {
  std::vector<std::string> prefixes;
  for (const auto& module : network.named_modules()) {
    if (dynamic_cast<const Normalization*>(module.value().get()) != nullptr) {
      prefixes.push_back(module.key() + ".");
    }
  }
  return prefixes;
}

/// Distance of a parameter from the network's input in blocks, by its name.
class Layers {
 public:
  explicit Layers(const std::vector<model::NamedTensor>& parameters) {
    for (const auto& [name, tensor] : parameters) {
      if (const auto place = block_.match(name)) {
        int64_t& count = depths_[std::stoll(place->at("s"))];
        count = std::max<int64_t>(count, std::stoll(place->at("b")) + 1);
      }
    }
    for (const auto& [stage, depth] : depths_) blocks_ += depth;
  }

  int64_t blocks() const { return blocks_; }

  /// 0 the first embedding, 1 to L the blocks, L + 1 what is in no stage.
  int64_t of(const std::string& name) const {
    if (const auto place = block_.match(name)) {
      return before(std::stoll(place->at("s"))) + std::stoll(place->at("b")) + 1;
    }
    if (const auto place = stage_.match(name)) {
      const int64_t stage = std::stoll(place->at("s"));
      return stage == 0 ? 0 : before(stage) + 1;
    }
    return blocks_ + 1;
  }

 private:
  int64_t before(int64_t stage) const {
    int64_t count = 0;
    for (const auto& [index, depth] : depths_) count += index < stage ? depth : 0;
    return count;
  }

  model::NamePattern block_{"stages.{s}.blocks.{b}.{rest:*}"};
  model::NamePattern stage_{"stages.{s}.{rest:*}"};
  std::map<int64_t, int64_t> depths_;  // of each stage
  int64_t blocks_ = 0;
};

void apply(const ParameterGroup& group, std::vector<TrainedTensor>& tensors) {
  const model::NamePattern pattern(group.match);
  bool used = false;
  for (TrainedTensor& entry : tensors) {
    if (!pattern.match(entry.name)) continue;
    used = true;
    entry.lr_factor *= group.lr_factor;
    entry.weight_decay = group.weight_decay.value_or(entry.weight_decay);
  }
  if (used) return;
  throw UsageError("train.optimizer.groups: \"" + group.match +
                   "\" matches no trained parameter; `mixwright weights inspect` on a checkpoint "
                   "lists their names");
}

}  // namespace

std::vector<TrainedTensor> trained_tensors(const model::Network& network,
                                           const OptimizerOptions& options) {
  const std::vector<std::string> norms = normalization_prefixes(network);
  const std::vector<model::NamedTensor> parameters = network.trained_parameters();
  const Layers layers(parameters);
  std::vector<TrainedTensor> result;
  for (const auto& [name, tensor] : parameters) {
    const std::string_view full = name;
    const auto holds = [full](const std::string& norm) { return full.starts_with(norm); };
    const bool free = tensor.dim() <= 1 || named_without_decay(name, options.no_decay) ||
                      std::any_of(norms.begin(), norms.end(), holds);
    const auto distance = static_cast<double>(layers.blocks() + 1 - layers.of(name));
    result.push_back(
        {name, tensor, free ? 0.0 : options.weight_decay, std::pow(options.layer_decay, distance)});
  }
  for (const ParameterGroup& group : options.groups) {
    if (!group.frozen) apply(group, result);
  }
  return result;
}

void freeze_groups(model::Network& network, const OptimizerOptions& options) {
  for (const ParameterGroup& group : options.groups) {
    if (!group.frozen) continue;
    std::vector<TrainedTensor> tensors;
    for (const auto& [name, tensor] : network.trained_parameters())
      tensors.push_back({name, tensor});
    apply(group, tensors);  // refuses a pattern that matches nothing
    const model::NamePattern pattern(group.match);
    for (TrainedTensor& entry : tensors) {
      if (pattern.match(entry.name)) entry.tensor.requires_grad_(false);
    }
  }
}

}  // namespace mixwright::train
