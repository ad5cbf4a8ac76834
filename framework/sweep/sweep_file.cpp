#include "framework/sweep/sweep_file.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <mixwright/error.h>

#include "framework/config/override.h"
#include "framework/config/raw_options.h"
#include "framework/config/toml_reader.h"

namespace mixwright::sweep {

/// One entry of [[row]].
struct RowOptions {
  std::string name;
  std::string config;
  config::RawTable set;
};

MIXWRIGHT_OPTIONS(RowOptions,
                  field("name", &RowOptions::name).required().doc("what its runs are called"),
                  field("config", &RowOptions::config).doc("in place of the sweep's"),
                  field("set", &RowOptions::set).doc("\"path\" = value, as of --set"))

struct SweepOptions {
  int64_t format = 1;
  std::string name;
  std::string config;
  std::vector<int64_t> seeds = {0};
  config::RawTable set;
  config::RawTable grid;
  std::vector<RowOptions> row;
};

MIXWRIGHT_OPTIONS(
    SweepOptions,
    field("format", &SweepOptions::format).at_least(1).at_most(1).doc("of this file"),
    field("name", &SweepOptions::name).doc("the sweep's folder is runs/NAME"),
    field("config", &SweepOptions::config).doc("the config that all rows begin with"),
    field("seeds", &SweepOptions::seeds).at_least(0).doc("each row is trained once with each"),
    field("set", &SweepOptions::set).doc("\"path\" = value for all rows"),
    field("grid", &SweepOptions::grid).doc("\"path\" = [values]: every combination"),
    field("row", &SweepOptions::row).doc("[[row]]: variations that are no grid"))

namespace {

constexpr size_t kMostRows = 10000;
constexpr size_t kLongestValue = 40;
constexpr size_t kLongestName = 160;

/// A setting that varies: its path and what it takes.
struct Axis {
  std::string path;
  std::vector<std::string> sets;    // `path=value`
  std::vector<std::string> labels;  // the values in short
};

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

/// Paths by their ends, as short as tells them apart.
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

/// Fit for a folder on any system.
std::string folder_name(const std::string& text) {
  std::string name;
  for (const char c : text) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      std::string_view("._=,+-").find(c) != std::string_view::npos;
    if (fits) {
      name += c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  return name.substr(0, kLongestName);
}

/// Makes the rows out of what was read.
class RowMaker {
 public:
  RowMaker(const std::string& file,
           const SweepOptions& options,
           std::vector<Axis> axes,
           Sweep& sweep,
           Diagnostics& diagnostics)
      : file_(file),
        options_(options),
        axes_(std::move(axes)),
        sweep_(sweep),
        diagnostics_(diagnostics) {}

  void make(const std::vector<std::string>& sets) {
    if (!options_.row.empty()) sweep_.columns.emplace_back("row");
    for (const std::string& name : short_paths(axes_)) sweep_.columns.push_back(name);
    std::vector<std::string> common = set_texts(options_.set.value, diagnostics_);
    common.insert(common.end(), sets.begin(), sets.end());
    if (options_.row.empty()) combine({"", "", {}}, common);
    for (const RowOptions& row : options_.row) combine(row, common);
  }

 private:
  void combine(const RowOptions& row, std::vector<std::string> sets) {
    if (row.config.empty() && options_.config.empty()) {
      diagnostics_.error({file_}, "config: missing; it names the config that the rows begin with");
      return;
    }
    const std::vector<std::string> own = set_texts(row.set.value, diagnostics_);
    sets.insert(sets.end(), own.begin(), own.end());
    const std::string& config = row.config.empty() ? options_.config : row.config;
    const auto path = std::filesystem::path(file_).parent_path() / config;
    Row first;
    first.config = path.lexically_normal().string();
    first.sets = std::move(sets);
    std::vector<size_t> places(axes_.size(), 0);
    do {
      if (sweep_.rows.size() > kMostRows) {
        throw UsageError(file_ + ": more than " + std::to_string(kMostRows) + " rows");
      }
      add(row.name, first, places);
    } while (advance(places));
  }

  /// The next combination, the last axis fastest.
  bool advance(std::vector<size_t>& places) const {
    for (size_t i = places.size(); i-- > 0;) {
      if (++places[i] < axes_[i].sets.size()) return true;
      places[i] = 0;
    }
    return false;
  }

  void add(const std::string& row_name, Row row, const std::vector<size_t>& places) {
    Group group;
    std::vector<std::string> words;
    if (!row_name.empty()) {
      group.values.push_back(row_name);
      words.push_back(row_name);
    }
    const size_t offset = group.values.size();
    for (size_t i = 0; i < axes_.size(); ++i) {
      const std::string& label = axes_[i].labels[places[i]];
      row.sets.push_back(axes_[i].sets[places[i]]);
      words.push_back(sweep_.columns[offset + i] + "=" + label);
      group.values.push_back(label);
    }
    row.group = sweep_.groups.size();
    sweep_.groups.push_back(std::move(group));
    words.emplace_back();
    for (const int64_t seed : options_.seeds) {
      row.seed = seed;
      words.back() = "seed=" + std::to_string(seed);
      row.name = unused(folder_name(fmt::format("{}", fmt::join(words, ","))));
      sweep_.rows.push_back(row);
    }
  }

  std::string unused(const std::string& name) {
    std::string result = name;
    for (int i = 2; !names_.insert(result).second; ++i) result = name + "-" + std::to_string(i);
    return result;
  }

  const std::string& file_;
  const SweepOptions& options_;
  std::vector<Axis> axes_;
  Sweep& sweep_;
  Diagnostics& diagnostics_;
  std::set<std::string> names_;
};

/// Rows of one name, or a seed given twice, would count twice.
void refuse_twins(const SweepOptions& options, const std::string& file, Diagnostics& diagnostics) {
  std::set<std::string> names;
  for (const RowOptions& row : options.row) {
    if (!names.insert(row.name).second) {
      diagnostics.error({file}, "row \"" + row.name + "\": two rows have this name");
    }
  }
  if (options.seeds.empty()) diagnostics.error({file}, "seeds: at least one expected");
  if (std::set<int64_t>(options.seeds.begin(), options.seeds.end()).size() !=
      options.seeds.size()) {
    diagnostics.error({file}, "seeds: one is given twice, its training would count as two");
  }
}

}  // namespace

Sweep read_sweep(const std::string& path, const std::vector<std::string>& sets) {
  const ConfigValue root = config::read_toml_file(path);
  Diagnostics diagnostics;
  options::Reader reader;
  reader.diagnostics = &diagnostics;
  const auto options = options::read_options<SweepOptions>(reader, root);
  Sweep sweep;
  sweep.name = options.name.empty() ? std::filesystem::path(path).stem().string() : options.name;
  std::vector<Axis> axes = read_grid(options.grid.value, diagnostics);
  refuse_twins(options, path, diagnostics);
  if (diagnostics.ok()) {
    RowMaker(path, options, std::move(axes), sweep, diagnostics).make(sets);
  }
  diagnostics.throw_if_errors();
  return sweep;
}

}  // namespace mixwright::sweep
