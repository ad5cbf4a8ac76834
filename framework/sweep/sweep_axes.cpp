#include "framework/sweep/sweep_axes.h"

#include <algorithm>

#include "framework/config/override.h"

namespace mixwright::sweep {

namespace {

constexpr size_t kLongestValue = 40;

std::string shortened(const std::string& text) {
  return text.size() <= kLongestValue ? text : text.substr(0, kLongestValue - 3) + "...";
}

/// What a person calls a value: of a component its type.
std::string value_label(const ConfigValue& value) {
  if (value.is_string()) return shortened(value.as_string());
  const ConfigValue* type = value.find("type");
  if (type != nullptr && type->is_string()) return shortened(type->as_string());
  return shortened(value.toml());
}

bool has_twins(std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  return std::adjacent_find(texts.begin(), texts.end()) != texts.end();
}

/// A label for each value, all different.
std::vector<std::string> value_labels(const ConfigValue::Array& values) {
  std::vector<std::string> labels;
  for (const ConfigValue& value : values) labels.push_back(value_label(value));
  if (!has_twins(labels)) return labels;
  for (size_t i = 0; i < values.size(); ++i) labels[i] = shortened(values[i].toml());
  if (!has_twins(labels)) return labels;
  for (size_t i = 0; i < values.size(); ++i) labels[i] += "#" + std::to_string(i + 1);
  return labels;
}

/// `path=value` after the rules of --set; what is wrong is said at the key.
std::string set_text(const ConfigValue::Entry& entry,
                     const ConfigValue& value,
                     Diagnostics& diagnostics) {
  const std::string text = entry.key + "=" + value.toml();
  try {
    config::parse_override(text);
  } catch (const UsageError& error) {
    diagnostics.error(entry.key_location, error.what());
  }
  if (entry.key == "seed") {
    diagnostics.error(entry.key_location, "\"seed\" is set by seeds = [1, 2, 3] of the sweep");
  }
  return text;
}

/// The last `words` words of a path.
std::string path_end(const std::string& path, size_t words) {
  size_t begin = path.size();
  for (size_t i = 0; i < words && begin != 0; ++i) {
    const size_t dot = path.rfind('.', begin - 1);
    if (dot == std::string::npos) return path;
    begin = dot;
  }
  return path.substr(begin + 1);
}

}  // namespace

std::vector<std::string> set_texts(const ConfigValue& table, Diagnostics& diagnostics) {
  std::vector<std::string> texts;
  if (table.is_nothing()) return texts;
  for (const ConfigValue::Entry& entry : table.as_table()) {
    texts.push_back(set_text(entry, entry.value, diagnostics));
  }
  return texts;
}

std::vector<Axis> read_grid(const ConfigValue& grid, Diagnostics& diagnostics) {
  std::vector<Axis> axes;
  if (grid.is_nothing()) return axes;
  for (const ConfigValue::Entry& entry : grid.as_table()) {
    const std::string place = "grid.\"" + entry.key + "\"";
    if (entry.value.is_table()) {
      diagnostics.error(entry.key_location,
                        place +
                            ": a list of values expected, a table found; a path with dots "
                            "stands in quotes, \"train.optimizer.lr\" = [1e-3, 3e-3]");
      continue;
    }
    if (!entry.value.is_array() || entry.value.as_array().empty()) {
      diagnostics.error(entry.value.location(),
                        place + ": a list of values expected, " +
                            (entry.value.is_array() ? "an empty one" : entry.value.described()) +
                            " found");
      continue;
    }
    Axis axis;
    axis.path = entry.key;
    axis.labels = value_labels(entry.value.as_array());
    for (const ConfigValue& value : entry.value.as_array()) {
      axis.sets.push_back(set_text(entry, value, diagnostics));
    }
    axes.push_back(std::move(axis));
  }
  return axes;
}

std::vector<std::string> short_paths(const std::vector<Axis>& axes) {
  std::vector<std::string> names;
  for (const Axis& axis : axes) {
    size_t words = 1;
    const auto is_taken = [&](const Axis& other) {
      return &other != &axis && path_end(other.path, words) == path_end(axis.path, words);
    };
    while (path_end(axis.path, words) != axis.path &&
           std::any_of(axes.begin(), axes.end(), is_taken)) {
      ++words;
    }
    names.push_back(path_end(axis.path, words));
  }
  return names;
}

}  // namespace mixwright::sweep
