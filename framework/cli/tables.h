#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "framework/train/evaluation.h"

namespace mixwright::cli {

/// The tables of an evaluation for the terminal, an empty line before each.
std::string tables_text(const std::vector<Table>& tables);

/// A picture of a table that is a matrix, or of a sheet.
struct DrawnPicture {
  std::string title;
  std::vector<std::filesystem::path> files;  ///< of one name, with all endings
  /// `confusion.png, confusion.svg`
  std::string names() const;
};

/// Draws the tables that are matrices, and the sheets, into a folder; `suffix` ends their names. A
/// picture that cannot be drawn is warned of and left out.
std::vector<DrawnPicture> draw_pictures(const train::Evaluation& evaluation,
                                        const std::filesystem::path& folder,
                                        const std::string& suffix = "");

}  // namespace mixwright::cli
