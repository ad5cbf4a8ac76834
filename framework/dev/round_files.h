#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "framework/dev/round.h"

namespace mixwright::dev {

/// What `plugins check --json` said: a report for each component.
struct CheckReport {
  CheckCounts counts;
  std::vector<std::string> failures;  ///< `token_mixer shift: gradients: …`
};

/// Nothing where the text is no such report: the process did not come to its end.
std::optional<CheckReport> checks_in(const std::string& text);

/// What `model summary --json` said: totals, and the parts that come from these plugins.
std::optional<ModelCounts> model_in(const std::string& text,
                                    const std::vector<BuiltPlugin>& plugins);

/// What a run's metrics say of its steps; nothing where it has none.
std::optional<StepCounts> steps_in(const std::filesystem::path& run);

}  // namespace mixwright::dev
