#include "framework/sweep/results_table.h"

#include <algorithm>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <mixwright/error.h>

#include "framework/train/text_table.h"

namespace mixwright::sweep {

namespace {

using train::MeanInterval;

constexpr const char* kLatency = "latency_ms.median";

std::string interval_text(const std::optional<MeanInterval>& interval, const NumberStyle& style) {
  if (!interval) return "-";
  std::string text = fmt::format("{:.{}f}", style.scale * interval->mean, style.digits);
  if (interval->half) {
    text += fmt::format(" ± {:.{}f}", style.scale * *interval->half, style.digits);
  }
  return style.unit.empty() ? text : text + " " + style.unit;
}

std::string count_text(const std::optional<double>& count) {
  return count ? train::count_text(*count) : "-";
}

const ResultGroup& group_called(const std::vector<ResultGroup>& groups,
                                const std::vector<std::string>& naming,
                                const std::string& name) {
  std::vector<std::string> known;
  for (const ResultGroup& group : groups) {
    known.push_back(group_name(group, naming));
    if (known.back() == name || text_at(group.first(), "row") == name) return group;
  }
  throw UsageError("against: no row is called \"" + name + "\"" + did_you_mean(name, known) +
                   "; there are " + fmt::format("{}", fmt::join(known, "; ")));
}

std::string difference_text(const ResultGroup& group,
                            const ResultGroup& other,
                            const NumberStyle& style) {
  const std::vector<double> a = group.numbers("test");
  const std::vector<double> b = other.numbers("test");
  if (&group == &other || a.empty() || b.empty()) return "-";
  return interval_text(train::difference_of_means(a, b), style);
}

std::vector<std::string> columns_of(const std::vector<std::string>& naming,
                                    const std::string& metric,
                                    const std::string& against,
                                    bool has_latency) {
  std::vector<std::string> columns = naming;
  if (naming.empty()) columns.emplace_back("sweep");
  columns.insert(columns.end(), {"seeds", "test " + metric, "best validation " + metric});
  if (!against.empty()) columns.push_back("test, less that of " + against);
  columns.insert(columns.end(), {"parameters", "MACs", "seconds"});
  if (has_latency) columns.emplace_back("latency, ms");
  return columns;
}

std::vector<std::string> row_of(const ResultGroup& group,
                                const std::vector<std::string>& naming,
                                const ResultGroup* other,
                                bool has_latency) {
  const NumberStyle style = metric_style(group.first());
  std::vector<std::string> row;
  for (const std::string& key : naming) {
    const std::string text = text_at(group.first(), key);
    row.push_back(text.empty() ? "-" : text);
  }
  if (naming.empty()) row.push_back(text_at(group.first(), "sweep"));
  row.push_back(std::to_string(group.lines.size()));
  row.push_back(interval_text(group.mean("test"), style));
  row.push_back(interval_text(group.mean("best"), style));
  if (other != nullptr) row.push_back(difference_text(group, *other, style));
  row.push_back(count_text(number_at(group.first(), "parameters")));
  row.push_back(count_text(number_at(group.first(), "macs")));
  const auto seconds = group.mean("seconds");
  row.push_back(seconds ? fmt::format("{:.1f}", seconds->mean) : "-");
  if (has_latency) {
    const auto latency = group.mean(kLatency);
    row.push_back(latency ? fmt::format("{:.3f}", latency->mean) : "-");
  }
  return row;
}

}  // namespace

NumberStyle metric_style(const nlohmann::ordered_json& line) {
  if (line.value("percent", false)) return {100, "%", 2};
  return {};
}

Table results_table(const ResultLines& lines, const std::string& against) {
  const std::vector<ResultGroup> groups = group_results(lines);
  if (groups.empty()) return {};
  const std::vector<std::string> naming = naming_settings(groups);
  const ResultGroup* other = against.empty() ? nullptr : &group_called(groups, naming, against);
  Table table;
  const bool has_latency = std::any_of(groups.begin(), groups.end(), [](const ResultGroup& group) {
    return group.mean(kLatency).has_value();
  });
  table.columns =
      columns_of(naming, text_at(groups.front().first(), "metric"), against, has_latency);
  for (const ResultGroup& group : groups) {
    table.rows.push_back(row_of(group, naming, other, has_latency));
  }
  return table;
}

}  // namespace mixwright::sweep
