// The picture of a matrix.

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "framework/train/figure.h"
#include "framework/train/gnuplot.h"
#include "framework/train/matrix_table.h"
#include "framework/train/text_table.h"

namespace mixwright::train {

namespace fs = std::filesystem;

namespace {

constexpr size_t kMostCounts = 20;  // names whose counts stand in the cells
constexpr size_t kMostLines = 60;   // names whose cells are told apart by lines

// Cells darker than this share of the row have white letters.
constexpr double kDarkPercent = 45;

int cell_pixels(size_t names) {
  if (names <= kMostCounts) return 58;
  return names <= kMostLines ? 20 : 13;
}

double percent_of_row(const Matrix& matrix, size_t row, size_t column) {
  const double total = matrix.row_total(row);
  return total > 0 ? 100 * matrix.counts[row][column] / total : 0;
}

std::string tics(const Matrix& matrix, const char* axis) {
  std::string text = fmt::format("set {}tics (", axis);
  for (size_t i = 0; i < matrix.names.size(); ++i) {
    text += (i == 0 ? "" : ", ") + gnuplot_quoted(matrix.names[i]) + fmt::format(" {}", i);
  }
  return text + ")";
}

/// x, y, per cent of the row, count, colour of the letters; one line for each cell.
std::string cells(const Matrix& matrix) {
  std::string text = "$cells << EOD\n";
  for (size_t i = 0; i < matrix.names.size(); ++i) {
    for (size_t j = 0; j < matrix.names.size(); ++j) {
      const double percent = percent_of_row(matrix, i, j);
      const std::string count =
          matrix.counts[i][j] == 0 ? "" : fmt::format("{:g}", matrix.counts[i][j]);
      text += fmt::format("{} {} {:.4g} \"{}\" {}\n",
                          j,
                          i,
                          percent,
                          count,
                          percent > kDarkPercent ? 0xFFFFFF : 0x303030);
    }
  }
  return text + "EOD\n";
}

std::string matrix_script(const Matrix& matrix) {
  const size_t size = matrix.names.size();
  const double total = matrix.total();
  std::string text = cells(matrix) + "set encoding utf8\n";
  text += "set title " +
          gnuplot_quoted(fmt::format("{}: {} of {} on the diagonal, {:.2f} %",
                                     matrix.title,
                                     count_text(matrix.on_diagonal()),
                                     count_text(total),
                                     total > 0 ? 100 * matrix.on_diagonal() / total : 0)) +
          " font ',14'\n";
  text += "set xlabel " + gnuplot_quoted(matrix.column_label) + "\n";
  text += "set ylabel " + gnuplot_quoted(matrix.row_label) + "\n";
  text += "set cblabel " + gnuplot_quoted("% of the " + matrix.row_label) + "\n";
  // Small shares are what one looks for, so the scale is steep at its foot.
  text +=
      R"(set palette defined (0 '#FFFFFF', 2 '#E3EEF7', 10 '#B5D3EA', 40 '#5FA2D1', 100 '#08458F')
set cbrange [0:100]
set border 0
set size square
unset key
set tics scale 0 textcolor rgb '#303030'
)";
  if (size > kMostLines) text += "set border 15 lc rgb '#D8D8D8'\n";
  const int letters = size <= kMostLines ? 11 : 8;
  text += tics(matrix, "x") + fmt::format(" rotate by 90 right font ',{}'\n", letters);
  text += tics(matrix, "y") + fmt::format(" font ',{}'\n", letters);
  text += fmt::format("set xrange [-0.5:{0}]\nset yrange [{0}:-0.5]\n",
                      static_cast<double>(size) - 0.5);
  text += size <= kMostLines ? "plot $cells using 1:2:(0.5):(0.5):3 with boxxyerror fc palette fs "
                               "solid border rgb '#D8D8D8'"
                             : "plot $cells using 1:2:3 with image pixels";
  if (size <= kMostCounts) text += ", $cells using 1:2:4:5 with labels textcolor rgb variable";
  return text + "\n";
}

}  // namespace

std::vector<fs::path> draw_matrix(const Matrix& matrix,
                                  const fs::path& folder,
                                  const std::string& stem) {
  const std::vector<fs::path> files = {folder / (stem + ".png"), folder / (stem + ".svg")};
  size_t longest = 0;
  for (const std::string& name : matrix.names) longest = std::max(longest, name.size());
  const int side =
      std::max(320, cell_pixels(matrix.names.size()) * static_cast<int>(matrix.names.size()));
  const int words = 8 * static_cast<int>(std::min<size_t>(longest, 40));
  draw_figure(files, side + words + 190, side + words + 110, matrix_script(matrix));
  return files;
}

}  // namespace mixwright::train
