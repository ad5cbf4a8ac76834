#pragma once

#include <filesystem>
#include <string>

namespace mixwright::train {

/// The first difference between two checkpoints, bit for bit, apart from times: a file, a tensor
/// with its largest difference, or an entry of state.toml. Empty where they are the same.
/// Throws: mixwright::Error for files that are damaged or missing.
std::string checkpoint_difference(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace mixwright::train
