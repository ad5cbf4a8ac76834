#pragma once

#include <string>
#include <vector>

#include "framework/cli/globals.h"
#include "framework/sweep/result_line.h"
#include "framework/sweep/runner.h"
#include "framework/sweep/sweep_file.h"

namespace mixwright::cli {

/// Writes what the finished rows of a sweep came to into its folder and shows it: table.md,
/// results.jsonl, comparison.png and .svg, curves.png and .svg; and keeps them in the sweep's file
/// of results where it has one. A picture that cannot be drawn is warned of.
void report_sweep(const sweep::Sweep& sweep,
                  const sweep::SweepFolder& folder,
                  const std::vector<sweep::Job>& jobs,
                  const std::vector<sweep::PreparedRow>& prepared,
                  const Globals& globals);

/// The rows and where each of them stands, for --dry-run.
void list_rows(const sweep::Sweep& sweep,
               const std::vector<std::string>& states,
               const Globals& globals);

}  // namespace mixwright::cli
