#pragma once

#include <string>
#include <vector>

namespace mixwright::cli {

/// Rows in aligned columns, each line behind `indent`. The last column is not padded.
std::string text_table(const std::vector<std::vector<std::string>>& rows,
                       const std::string& indent = "  ");

}  // namespace mixwright::cli
