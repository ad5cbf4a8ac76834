#include "framework/sweep/sweep_file.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <mixwright/error.h>

#include "framework/config/toml_reader.h"
#include "framework/sweep/sweep_axes.h"
#include "framework/sweep/sweep_options.h"

namespace mixwright::sweep {

namespace {

constexpr size_t kMostRows = 10000;
constexpr size_t kLongestName = 160;

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

/// A path of a sweep file is relative to it.
std::string beside(const std::string& file, const std::string& path) {
  return (std::filesystem::path(file).parent_path() / path).lexically_normal().string();
}

/// A row's `values`: numbers and texts.
Facts row_facts(const RowOptions& row, Diagnostics& diagnostics) {
  Facts facts;
  if (row.values.value.is_nothing()) return facts;
  for (const ConfigValue::Entry& entry : row.values.value.as_table()) {
    if (!entry.value.is_number() && !entry.value.is_string()) {
      diagnostics.error(entry.value.location(),
                        "values." + entry.key + ": a number or a text expected, " +
                            entry.value.described() + " found");
    }
    facts.emplace_back(entry.key, entry.value);
  }
  return facts;
}

/// Makes the rows out of what was read.
class RowMaker {
 public:
  RowMaker(const std::string& file,
           const SweepOptions& options,
           std::vector<Axis> axes,
           ConfigValue quick,
           Sweep& sweep,
           Diagnostics& diagnostics)
      : file_(file),
        options_(options),
        axes_(std::move(axes)),
        quick_(std::move(quick)),
        sweep_(sweep),
        diagnostics_(diagnostics) {}

  void make(const std::vector<std::string>& sets) {
    if (!options_.row.empty()) sweep_.columns.emplace_back("row");
    for (const std::string& name : short_paths(axes_)) sweep_.columns.push_back(name);
    std::vector<std::string> common = set_texts(options_.set.value, diagnostics_);
    common.insert(common.end(), sets.begin(), sets.end());
    last_ = set_texts(quick_, diagnostics_);
    if (options_.row.empty()) combine({}, common);
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
    Row first;
    first.config = beside(file_, config);
    first.sets = std::move(sets);
    const Facts facts = row_facts(row, diagnostics_);
    const std::vector<Axis> axes = axes_of(row);
    std::vector<size_t> places(axes.size(), 0);
    do {
      if (sweep_.rows.size() > kMostRows) {
        throw UsageError(file_ + ": more than " + std::to_string(kMostRows) + " rows");
      }
      add(row.name, facts, first, axes, places);
    } while (advance(axes, places));
  }

  /// The sweep's axes, with the row's own values where it has some.
  std::vector<Axis> axes_of(const RowOptions& row) {
    std::vector<Axis> axes = axes_;
    for (Axis& own : read_grid(row.grid.value, diagnostics_)) {
      const auto axis = std::find_if(
          axes.begin(), axes.end(), [&](const Axis& each) { return each.path == own.path; });
      if (axis != axes.end()) {
        *axis = std::move(own);
      } else {
        diagnostics_.error(
            {file_},
            "row \"" + row.name + "\": grid: the sweep's [grid] has no \"" + own.path + "\"");
      }
    }
    return axes;
  }

  /// The next combination, the last axis fastest.
  static bool advance(const std::vector<Axis>& axes, std::vector<size_t>& places) {
    for (size_t i = places.size(); i-- > 0;) {
      if (++places[i] < axes[i].sets.size()) return true;
      places[i] = 0;
    }
    return false;
  }

  void add(const std::string& row_name,
           const Facts& facts,
           Row row,
           const std::vector<Axis>& axes,
           const std::vector<size_t>& places) {
    Group group;
    std::vector<std::string> words;
    if (!row_name.empty()) {
      group.values.push_back(row_name);
      words.push_back(row_name);
    }
    const size_t offset = group.values.size();
    for (size_t i = 0; i < axes.size(); ++i) {
      const std::string& label = axes[i].labels[places[i]];
      row.sets.push_back(axes[i].sets[places[i]]);
      words.push_back(sweep_.columns[offset + i] + "=" + label);
      group.values.push_back(label);
    }
    row.sets.insert(row.sets.end(), last_.begin(), last_.end());
    group.facts = facts;
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
  ConfigValue quick_;              // what --quick sets, or nothing
  std::vector<std::string> last_;  // the same as of --set; they win
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
  names.clear();
  for (const FigureOptions& figure : options.figure) {
    if (figure.name.empty() || figure.name != folder_name(figure.name)) {
      diagnostics.error({file}, "figure \"" + figure.name + "\": no name for a file");
    }
    if (!names.insert(figure.name).second) {
      diagnostics.error({file}, "figure \"" + figure.name + "\": two figures have this name");
    }
  }
  if (options.seeds.empty()) diagnostics.error({file}, "seeds: at least one expected");
  if (std::set<int64_t>(options.seeds.begin(), options.seeds.end()).size() !=
      options.seeds.size()) {
    diagnostics.error({file}, "seeds: one is given twice, its training would count as two");
  }
}

/// Leaves what [quick] leaves, and gives what it sets.
void make_quick(const ConfigValue& root,
                const std::string& file,
                SweepOptions& options,
                Diagnostics& diagnostics) {
  if (root.find("quick") == nullptr) {
    diagnostics.error({file}, "--quick: there is no [quick] table; it says what is made smaller");
    return;
  }
  const QuickOptions& quick = options.quick;
  if (!quick.seeds.empty()) options.seeds = quick.seeds;
  std::vector<RowOptions> kept;
  for (const std::string& name : quick.rows) {
    const auto row = std::find_if(options.row.begin(),
                                  options.row.end(),
                                  [&](const RowOptions& each) { return each.name == name; });
    if (row != options.row.end()) {
      kept.push_back(*row);
    } else {
      diagnostics.error({file}, "quick.rows: there is no row \"" + name + "\"");
    }
  }
  if (!quick.rows.empty()) options.row = std::move(kept);
  if (quick.grid.value.is_nothing()) return;
  for (const ConfigValue::Entry& entry : quick.grid.value.as_table()) {
    ConfigValue* axis = options.grid.value.find(entry.key);
    if (axis != nullptr) {
      *axis = entry.value;
      for (RowOptions& row : options.row) {
        if (row.grid.value.is_table()) row.grid.value.erase(entry.key);
      }
    } else {
      diagnostics.error(entry.key_location, "quick.grid: [grid] has no \"" + entry.key + "\"");
    }
  }
}

}  // namespace

Sweep read_sweep(const std::string& path, const std::vector<std::string>& sets, Extent extent) {
  const ConfigValue root = config::read_toml_file(path);
  Diagnostics diagnostics;
  options::Reader reader;
  reader.diagnostics = &diagnostics;
  auto options = options::read_options<SweepOptions>(reader, root);
  const bool quick = extent == Extent::kQuick;
  Sweep sweep;
  sweep.name = options.name.empty() ? std::filesystem::path(path).stem().string() : options.name;
  sweep.curves = options.curves;
  sweep.latency = options.latency;
  sweep.against = options.against;
  sweep.figures = options.figure;
  refuse_twins(options, path, diagnostics);
  if (quick) {
    sweep.name += "-quick";
    make_quick(root, path, options, diagnostics);
  } else if (!options.results.empty()) {
    sweep.results = beside(path, options.results);
  }
  std::vector<Axis> axes = read_grid(options.grid.value, diagnostics);
  if (diagnostics.ok()) {
    ConfigValue over = quick ? options.quick.set.value : ConfigValue();
    RowMaker(path, options, std::move(axes), std::move(over), sweep, diagnostics).make(sets);
  }
  diagnostics.throw_if_errors();
  return sweep;
}

}  // namespace mixwright::sweep
