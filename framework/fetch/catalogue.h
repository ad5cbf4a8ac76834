#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "framework/fetch/public_dataset.h"

namespace mixwright::fetch {

/// The folder with the public data sets that come with the program, a TOML file for each.
std::filesystem::path catalogue_folder();

/// All of a folder, by name. Throws: UsageError where one is faulty or the folder is missing.
std::vector<PublicDataset> read_catalogue(const std::filesystem::path& folder);

/// One by its name in the folder, or by the path of a file of the user's own, which ends in .toml.
/// Throws: UsageError where there is none, with the nearest name.
PublicDataset find_dataset(const std::filesystem::path& folder, const std::string& name);

}  // namespace mixwright::fetch
