#include "framework/sweep/results_crossing.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "framework/sweep/results_groups.h"

namespace mixwright::sweep {

namespace {

using nlohmann::ordered_json;

/// What a row measured at one value of the setting.
using Points = std::vector<std::pair<double, double>>;

std::optional<double> crossing_of(Points points, double level) {
  std::sort(points.begin(), points.end());
  for (size_t i = 0; i + 1 < points.size(); ++i) {
    const auto& [a, before] = points[i];
    const auto& [b, after] = points[i + 1];
    if ((before >= level) == (after >= level)) continue;
    const double share = (before - level) / (before - after);
    return a > 0 && b > 0 ? a * std::pow(b / a, share) : a + (b - a) * share;
  }
  return std::nullopt;
}

/// Rows that differ in nothing but the setting, by seed.
struct Course {
  ordered_json line;  // the first of them, without the setting
  std::map<std::string, Points> seeds;
};

ordered_json without(const ordered_json& line, const std::string& setting) {
  ordered_json kept = line;
  kept["settings"].erase(setting);
  kept["config_sha256"] = "";
  return kept;
}

std::vector<Course> courses_of(const FigureOptions& options, const ResultLines& lines) {
  std::vector<Course> courses;
  std::map<std::string, size_t> known;
  for (const ordered_json& line : lines) {
    const auto x = number_at(line, options.crossing.of);
    const auto y = number_at(line, options.y);
    if (!x || !y) continue;
    ordered_json kept = without(line, options.crossing.of);
    const ordered_json key = {kept["sweep"], kept["settings"]};
    const auto [place, is_new] = known.emplace(key.dump(), courses.size());
    if (is_new) courses.push_back({std::move(kept), {}});
    courses[place->second].seeds[line["seed"].dump()].emplace_back(*x, *y);
  }
  return courses;
}

}  // namespace

ResultLines crossings(const FigureOptions& options, const ResultLines& lines) {
  ResultLines found;
  for (const Course& course : courses_of(options, lines)) {
    ResultLines own;
    for (const auto& [seed, points] : course.seeds) {
      const auto value = crossing_of(points, options.crossing.level);
      if (!value) break;
      own.push_back(course.line);
      own.back()["seed"] = ordered_json::parse(seed);
      own.back()[kCrossing] = *value;
    }
    if (own.size() == course.seeds.size()) found.insert(found.end(), own.begin(), own.end());
  }
  return found;
}

}  // namespace mixwright::sweep
