#include "framework/cli/tables.h"

#include <spdlog/spdlog.h>

#include <mixwright/error.h>

#include "framework/train/matrix_table.h"
#include "framework/train/text_table.h"

namespace mixwright::cli {

std::string tables_text(const std::vector<Table>& tables) {
  std::string text;
  for (const Table& table : tables) {
    const auto matrix = train::as_matrix(table);
    text += "\n" + (matrix ? train::matrix_text(*matrix) : train::table_text(table));
  }
  return text;
}

std::vector<DrawnTable> draw_tables(const std::vector<Table>& tables,
                                    const std::filesystem::path& folder,
                                    const std::string& suffix) {
  std::vector<DrawnTable> drawn;
  for (const Table& table : tables) {
    const auto matrix = train::as_matrix(table);
    if (!matrix) continue;
    const std::string stem = train::matrix_stem(*matrix) + suffix;
    try {
      drawn.push_back({table.title, stem, train::draw_matrix(*matrix, folder, stem)});
    } catch (const Error& error) {
      spdlog::warn("{} was not drawn: {}", table.title, error.what());
    }
  }
  return drawn;
}

}  // namespace mixwright::cli
