#pragma once

#include <filesystem>
#include <string>

namespace mixwright::train {

/// The folder of a run's checkpoint: `best`, `last` or `step-N`; "" is the best one, or the last
/// where none is the best yet.
/// Throws: UsageError where there is none.
std::filesystem::path chosen_checkpoint(const std::string& run, const std::string& name);

}  // namespace mixwright::train
