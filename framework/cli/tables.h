#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <mixwright/task.h>

namespace mixwright::cli {

/// The tables of an evaluation for the terminal, an empty line before each.
std::string tables_text(const std::vector<Table>& tables);

/// A picture of a table that is a matrix.
struct DrawnTable {
  std::string title;
  std::string stem;  ///< `confusion`
  std::vector<std::filesystem::path> files;
};

/// Draws the tables that are matrices into a folder; `suffix` ends their names. A picture that
/// cannot be drawn is warned of and left out.
std::vector<DrawnTable> draw_tables(const std::vector<Table>& tables,
                                    const std::filesystem::path& folder,
                                    const std::string& suffix = "");

}  // namespace mixwright::cli
