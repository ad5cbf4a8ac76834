#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <mixwright/task.h>

namespace mixwright::train {

/// A table of counts in which rows and columns have the same names: which class was taken for
/// which.
struct Matrix {
  std::string title;
  std::string row_label;     ///< `true class`
  std::string column_label;  ///< `predicted`
  std::vector<std::string> names;
  std::vector<std::vector<double>> counts;  ///< [row][column]

  double total() const;
  double on_diagonal() const;
  double row_total(size_t row) const;
};

/// A table whose columns behind the first bear the names that stand in its first column, with a
/// number in every other cell, is a matrix. Where its first column is headed `a \ b`, a is what the
/// rows are and b what the columns are.
std::optional<Matrix> as_matrix(const Table& table);

/// A matrix for the terminal. Up to 20 names: all of it, with numbers over the columns where names
/// are too long for that. More: its largest cells off the diagonal.
std::string matrix_text(const Matrix& matrix);

/// `Confusion matrix` -> `confusion`: what its picture is called.
std::string matrix_stem(const Matrix& matrix);

/// Draws `<stem>.png` and `<stem>.svg` into the folder and returns their paths: colour is the share
/// of the row, and up to 20 names the counts stand in the cells.
/// Throws: mixwright::Error; see draw_figure.
std::vector<std::filesystem::path> draw_matrix(const Matrix& matrix,
                                               const std::filesystem::path& folder,
                                               const std::string& stem);

}  // namespace mixwright::train
