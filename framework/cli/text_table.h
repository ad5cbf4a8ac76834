#pragma once

#include <string>
#include <vector>

namespace mixwright::cli {

/// Rows in aligned columns, each line behind `indent`. The last column is not padded.
std::string text_table(const std::vector<std::vector<std::string>>& rows,
                       const std::string& indent = "  ");

/// The same as a Markdown table; the first row is the head.
std::string markdown_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace mixwright::cli
