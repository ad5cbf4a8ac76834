#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <mixwright/task.h>

#include "framework/bench/contest.h"
#include "framework/bench/peak.h"

namespace mixwright::bench {

/// A contest with what came out.
struct Finished {
  Contest contest;
  std::vector<SideResult> results;  ///< ours first
};

/// All that a bench came to.
struct Report {
  Peak peak;
  int threads = 1;
  std::string precision = "float32";
  std::map<std::string, std::string> versions;  ///< ours, and the peers'
  std::vector<std::string> command_line;
  std::vector<Finished> contests;

  /// Whether somebody's answer was not ours.
  bool has_wrong_answer() const;
};

/// Floating-point operations of one call, from our own count of multiply-accumulates: two for each,
/// and in training three times as many, since backward is two products for each of forward's.
double operations_of(const Contest& contest);

/// Milliseconds, ratios and shares of one contest.
Table result_table(const Finished& finished, const Peak& peak);
std::string report_json(const Report& report);
/// A group of bars for each contest. Throws: see train::draw_figure.
void draw_report(const Report& report, const std::vector<std::filesystem::path>& files);

}  // namespace mixwright::bench
