#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <mixwright/conformance.h>

#include "framework/cli/globals.h"

namespace mixwright::cli {

/// How a plugin is checked.
struct CheckPlan {
  std::string file;  ///< as the user wrote it
  bool quick = false;
  int timeout_s = 120;            ///< what one check may take
  std::filesystem::path records;  ///< of the process that runs the checks
  int first = 0;                  ///< the component it begins with
};

/// Runs the checks in this process, which may not survive that. `plan.records` holds what happened.
void check_in_this_process(const CheckPlan& plan,
                           const plugin::Library& library,
                           const std::shared_ptr<plugin::Registry>& registry);

/// Runs the checks in processes of their own and gives a report for the plugin itself and one for
/// each component, in their order. What ends such a process, or does not end in time, is a failed
/// check of the component that was at work; the components behind it are checked by another
/// process. `done` hears of each report as it is complete. Throws: UsageError where the library
/// cannot be loaded.
std::vector<conformance::Report> check_in_child(
    const CheckPlan& plan,
    const plugin::Library& library,
    const std::vector<std::string>& plugin_words,
    const std::function<void(const conformance::Report&)>& done);

}  // namespace mixwright::cli
