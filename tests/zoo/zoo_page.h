#pragma once

#include <filesystem>

namespace mixwright {

/// Writes zoo.md and pictures/zoo/*.svg below `out`: every system of docs/zoo.toml with its paper,
/// components, configs, counts beside the published ones, the errors that tests/golden measured
/// (errors.json there) and a drawing. What is written depends on files of the source tree alone.
/// Throws: mixwright::Error where a folder of configs/zoo or tests/golden/configs has no table in
/// docs/zoo.toml, or a table has no folder.
void write_zoo_page(const std::filesystem::path& out);

}  // namespace mixwright
