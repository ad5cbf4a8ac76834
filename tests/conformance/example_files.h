#pragma once

#include <filesystem>

namespace mixwright::test {

/// Writes the files that the examples of datasets name into `folder`: small or empty of content,
/// of the length that the data sets have.
void write_example_files(const std::filesystem::path& folder);

}  // namespace mixwright::test
