#include "framework/config/override.h"

#include <utility>

#include "framework/config/merge.h"

namespace mixwright::config {

namespace {

/// Walks one override's path down a tree and sets its value at the end.
class Setter {
 public:
  explicit Setter(const Override& override) : override_(override) {}

  void set(ConfigValue& root) { descend(root, 0); }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw UsageError(override_.location.text() + ": " + why);
  }

  void descend(ConfigValue& node, size_t step) {
    if (step == override_.path.size()) {
      node = merged(node, override_.value);
      return;
    }
    const Override::Step& here = override_.path[step];
    if (here.in_list()) {
      descend_list(node, here, step);
    } else {
      descend_table(node, here.key, step);
    }
  }

  void descend_list(ConfigValue& node, const Override::Step& here, size_t step) {
    const std::string name = walked_;
    if (node.is_nothing()) refuse(name + " is not in the config, so it has no index");
    if (!node.is_array()) refuse(name + " is " + node.described() + ", not a list");
    const size_t size = node.as_array().size();
    if (here.every) {
      if (size == 0) refuse(name + " is an empty list, [*] would change nothing");
      for (size_t i = 0; i < size; ++i) descend_entry(node, i, step, name);
      return;
    }
    const size_t index = *here.index;
    if (index >= size) {
      refuse("index " + std::to_string(index) + " is out of range: " + name + " has " +
             std::to_string(size) + (size == 1 ? " entry" : " entries") + ", counted from 0");
    }
    descend_entry(node, index, step, name);
  }

  void descend_entry(ConfigValue& list, size_t index, size_t step, const std::string& name) {
    walked_ = name + "[" + std::to_string(index) + "]";
    descend(list.as_array()[index], step + 1);
  }

  void descend_table(ConfigValue& node, const std::string& key, size_t step) {
    if (node.is_nothing()) node = ConfigValue::table().at(override_.location);
    node = long_form(node);
    if (node.is_array()) {
      const size_t size = node.as_array().size();
      refuse(walked_ + " is a list of " + std::to_string(size) +
             (size == 0 ? "" : "; name an entry by its index, " + walked_ + "[0]"));
    }
    if (!node.is_table()) refuse(walked_ + " is " + node.described() + " and has no keys");
    walked_ += (walked_.empty() ? "" : ".") + key;
    const bool is_new = node.find(key) == nullptr;
    if (is_new) node.set(key, ConfigValue(), override_.location);
    descend(*node.find(key), step + 1);
  }

  const Override& override_;
  std::string walked_;
};

/// Gives a stage the value that it has from `stage_defaults`, as its own.
void take_from_defaults(ConfigValue& stage, const ConfigValue::Entry& entry) {
  if (!stage.is_table()) return;
  if (ConfigValue* own = stage.find(entry.key)) {
    *own = merged(entry.value, *own);
  } else {
    stage.set(entry.key, entry.value, entry.key_location);
  }
}

/// An index below a stage's key may mean a list that stands in `stage_defaults`; such a key is
/// copied into the stages that are meant first.
void take_from_defaults(ConfigValue& root, const Override& override) {
  const auto& path = override.path;
  const bool in_stage = path.size() > 4 && path[0].key == "model" && path[1].key == "stage" &&
                        path[2].in_list() && !path[3].in_list();
  if (!in_stage) return;
  bool has_index = false;
  for (size_t step = 4; step < path.size(); ++step) has_index |= path[step].in_list();
  ConfigValue* model = root.find("model");
  if (!has_index || model == nullptr) return;
  const ConfigValue* defaults = model->find("stage_defaults");
  const ConfigValue::Entry* entry =
      defaults == nullptr ? nullptr : defaults->find_entry(path[3].key);
  ConfigValue* stages = model->find("stage");
  if (entry == nullptr || stages == nullptr || !stages->is_array()) return;
  for (size_t i = 0; i < stages->as_array().size(); ++i) {
    if (path[2].every || *path[2].index == i) take_from_defaults(stages->as_array()[i], *entry);
  }
}

}  // namespace

void apply_overrides(ConfigValue& root, const std::vector<Override>& overrides) {
  ConfigValue changed = root;
  for (const Override& override : overrides) {
    take_from_defaults(changed, override);
    Setter(override).set(changed);
  }
  root = std::move(changed);
}

}  // namespace mixwright::config
