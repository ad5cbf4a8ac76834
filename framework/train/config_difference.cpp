#include "framework/train/config_difference.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace mixwright::train {

namespace {

constexpr std::array<std::string_view, 11> kFree = {"name",
                                                    "plugins",
                                                    "extends",
                                                    "format",
                                                    "model.weight_map",
                                                    "train.device",
                                                    "train.threads",
                                                    "train.workers",
                                                    "train.prefetch",
                                                    "train.checkpoint",
                                                    "train.log_every"};

std::string text_of(const ConfigValue* value) {
  return value == nullptr || value->is_nothing() ? "not given" : value->toml();
}

std::optional<ConfigDifference> compare(const ConfigValue* before,
                                        const ConfigValue* now,
                                        const std::string& path);

std::optional<ConfigDifference> compare_tables(const ConfigValue& before,
                                               const ConfigValue& now,
                                               const std::string& path) {
  std::vector<std::string> keys = before.keys();
  for (const std::string& key : now.keys()) {
    if (before.find(key) == nullptr) keys.push_back(key);
  }
  for (const std::string& key : keys) {
    const std::string below = path.empty() ? key : path + "." + key;
    if (changes_no_result(below)) continue;
    if (auto difference = compare(before.find(key), now.find(key), below)) return difference;
  }
  return std::nullopt;
}

std::optional<ConfigDifference> compare_lists(const ConfigValue& before,
                                              const ConfigValue& now,
                                              const std::string& path) {
  const size_t count = std::max(before.as_array().size(), now.as_array().size());
  const auto item = [](const ConfigValue& list, size_t i) {
    return i < list.as_array().size() ? &list.as_array()[i] : nullptr;
  };
  for (size_t i = 0; i < count; ++i) {
    const std::string below = path + "[" + std::to_string(i) + "]";
    if (auto difference = compare(item(before, i), item(now, i), below)) return difference;
  }
  return std::nullopt;
}

std::optional<ConfigDifference> compare(const ConfigValue* before,
                                        const ConfigValue* now,
                                        const std::string& path) {
  if (before != nullptr && now != nullptr) {
    if (before->is_table() && now->is_table()) return compare_tables(*before, *now, path);
    if (before->is_array() && now->is_array()) return compare_lists(*before, *now, path);
    if (before->is_number() && now->is_number() && before->as_number() == now->as_number()) {
      return std::nullopt;
    }
  }
  std::string text_before = text_of(before);
  std::string text_now = text_of(now);
  if (text_before == text_now) return std::nullopt;
  return ConfigDifference{path, std::move(text_before), std::move(text_now)};
}

}  // namespace

bool changes_no_result(const std::string& path) {
  return std::find(kFree.begin(), kFree.end(), path) != kFree.end();
}

std::optional<ConfigDifference> first_difference(const ConfigValue& before,
                                                 const ConfigValue& now) {
  return compare(&before, &now, "");
}

}  // namespace mixwright::train
