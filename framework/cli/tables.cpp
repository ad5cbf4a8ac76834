#include "framework/cli/tables.h"

#include <algorithm>
#include <cctype>
#include <functional>

#include <spdlog/spdlog.h>

#include <mixwright/error.h>

#include "framework/train/matrix_table.h"
#include "framework/train/sheet_figure.h"
#include "framework/train/text_table.h"

namespace mixwright::cli {

namespace fs = std::filesystem;

namespace {

/// A name that a plugin gave, as that of a file in the folder and nowhere else.
std::string file_name(std::string name) {
  std::replace_if(
      name.begin(),
      name.end(),
      [](unsigned char c) { return std::isalnum(c) == 0 && c != '-'; },
      '_');
  return name.empty() ? "sheet" : name;
}

}  // namespace

std::string tables_text(const std::vector<Table>& tables) {
  std::string text;
  for (const Table& table : tables) {
    const auto matrix = train::as_matrix(table);
    text += "\n" + (matrix ? train::matrix_text(*matrix) : train::table_text(table));
  }
  return text;
}

std::string DrawnPicture::names() const {
  std::string text;
  for (const fs::path& file : files) {
    text += (text.empty() ? "" : ", ") + file.filename().string();
  }
  return text;
}

std::vector<DrawnPicture> draw_pictures(const train::Evaluation& evaluation,
                                        const fs::path& folder,
                                        const std::string& suffix) {
  std::vector<DrawnPicture> drawn;
  const auto add = [&](const std::string& title,
                       const std::function<std::vector<fs::path>()>& draw) {
    try {
      drawn.push_back({title, draw()});
    } catch (const Error& error) {
      spdlog::warn("{} was not drawn: {}", title, error.what());
    }
  };
  for (const Table& table : evaluation.tables) {
    const auto matrix = train::as_matrix(table);
    if (!matrix) continue;
    add(table.title,
        [&] { return train::draw_matrix(*matrix, folder, train::matrix_stem(*matrix) + suffix); });
  }
  for (const Sheet& sheet : evaluation.sheets) {
    std::string title;
    for (const std::string& row : sheet.rows) title += (title.empty() ? "" : ", ") + row;
    const fs::path file = folder / (file_name(sheet.name) + suffix + ".png");
    add(title, [&] {
      train::draw_sheet(file, sheet);
      return std::vector<fs::path>{file};
    });
  }
  return drawn;
}

}  // namespace mixwright::cli
