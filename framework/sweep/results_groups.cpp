#include "framework/sweep/results_groups.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include <spdlog/fmt/fmt.h>

namespace mixwright::sweep {

namespace {

using nlohmann::ordered_json;

std::optional<double> number_in(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

const ordered_json* entry_of(const ordered_json& table, const std::string& key) {
  if (!table.is_object()) return nullptr;
  const auto found = table.find(key);
  return found == table.end() ? nullptr : &*found;
}

}  // namespace

const ordered_json* find_value(const ordered_json& line, const std::string& key) {
  if (const ordered_json* settings = entry_of(line, "settings")) {
    if (const ordered_json* value = entry_of(*settings, key)) return value;
  }
  const ordered_json* value = &line;
  size_t begin = 0;
  while (value != nullptr && begin <= key.size()) {
    const size_t dot = std::min(key.find('.', begin), key.size());
    value = entry_of(*value, key.substr(begin, dot - begin));
    begin = dot + 1;
  }
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string text_at(const ordered_json& line, const std::string& key) {
  const ordered_json* value = find_value(line, key);
  if (value == nullptr) return "";
  if (value->is_string()) return value->get<std::string>();
  return value->is_number_float() ? fmt::format("{:g}", value->get<double>()) : value->dump();
}

std::optional<double> number_at(const ordered_json& line, const std::string& key) {
  const ordered_json* value = find_value(line, key);
  if (value == nullptr) return std::nullopt;
  if (value->is_number()) return value->get<double>();
  return value->is_string() ? number_in(value->get<std::string>()) : std::nullopt;
}

std::vector<double> ResultGroup::numbers(const std::string& key) const {
  std::vector<double> values;
  for (const ordered_json& line : lines) {
    if (const auto value = number_at(line, key)) values.push_back(*value);
  }
  return values;
}

std::optional<train::MeanInterval> ResultGroup::mean(const std::string& key) const {
  const std::vector<double> values = numbers(key);
  if (values.empty()) return std::nullopt;
  return train::mean_interval(values);
}

std::vector<ResultGroup> group_results(const ResultLines& lines) {
  std::vector<ResultGroup> groups;
  std::map<std::string, size_t> known;
  for (const ordered_json& line : lines) {
    const ordered_json key = {line["sweep"], line["settings"], line["config_sha256"]};
    const auto [place, is_new] = known.emplace(key.dump(), groups.size());
    if (is_new) groups.emplace_back();
    groups[place->second].lines.push_back(line);
  }
  return groups;
}

std::vector<std::string> naming_settings(const std::vector<ResultGroup>& groups) {
  std::vector<std::string> names;
  for (const ResultGroup& group : groups) {
    for (const auto& [name, value] : group.first()["settings"].items()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  const auto row = std::find(names.begin(), names.end(), "row");
  if (row == names.end() || names.size() == 1) return names;
  std::vector<std::string> others = names;
  others.erase(others.begin() + (row - names.begin()));
  std::set<std::string> told;
  for (const ResultGroup& group : groups) told.insert(group_name(group, others));
  return told.size() == groups.size() ? others : names;
}

std::string group_name(const ResultGroup& group, const std::vector<std::string>& naming) {
  std::string name;
  for (const std::string& key : naming) {
    const std::string text = text_at(group.first(), key);
    if (!text.empty()) name += (name.empty() ? "" : ", ") + text;
  }
  return name.empty() ? text_at(group.first(), "sweep") : name;
}

}  // namespace mixwright::sweep
