#include "framework/train/matrix_table.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <numeric>
#include <string_view>

#include <spdlog/fmt/fmt.h>

#include "framework/train/text_table.h"

namespace mixwright::train {

namespace {

constexpr size_t kShownNames = 20;
constexpr size_t kShownCells = 10;
constexpr size_t kWidestHeading = 5;

std::optional<double> count_in(const std::string& cell) {
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size() || value < 0) return std::nullopt;
  return value;
}

std::string cell_text(double count) {
  return count == 0 ? "." : fmt::format("{:g}", count);
}

Table whole_table(const Matrix& matrix) {
  const bool numbered =
      std::any_of(matrix.names.begin(), matrix.names.end(), [](const std::string& name) {
        return name.size() > kWidestHeading;
      });
  Table table;
  table.title =
      matrix.title + ": rows are the " + matrix.row_label + ", columns the " + matrix.column_label;
  table.columns = {matrix.row_label};
  for (size_t i = 0; i < matrix.names.size(); ++i) {
    table.columns.push_back(numbered ? std::to_string(i) : matrix.names[i]);
    std::vector<std::string> row = {numbered ? fmt::format("{:>2} {}", i, matrix.names[i])
                                             : matrix.names[i]};
    for (const double count : matrix.counts[i]) row.push_back(cell_text(count));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table largest_cells(const Matrix& matrix) {
  struct Cell {
    size_t row;
    size_t column;
  };
  std::vector<Cell> cells;
  for (size_t i = 0; i < matrix.names.size(); ++i) {
    for (size_t j = 0; j < matrix.names.size(); ++j) {
      if (i != j && matrix.counts[i][j] > 0) cells.push_back({i, j});
    }
  }
  std::stable_sort(cells.begin(), cells.end(), [&](const Cell& a, const Cell& b) {
    return matrix.counts[a.row][a.column] > matrix.counts[b.row][b.column];
  });
  cells.resize(std::min(cells.size(), kShownCells));
  Table table;
  table.title = fmt::format(
      "{} of {} names: its largest cells off the diagonal", matrix.title, matrix.names.size());
  table.columns = {matrix.row_label, matrix.column_label, "count", "of the row"};
  for (const Cell& cell : cells) {
    const double count = matrix.counts[cell.row][cell.column];
    table.rows.push_back({matrix.names[cell.row],
                          matrix.names[cell.column],
                          fmt::format("{:g}", count),
                          fmt::format("{:.2f} %", 100 * count / matrix.row_total(cell.row))});
  }
  return table;
}

}  // namespace

double Matrix::row_total(size_t row) const {
  return std::accumulate(counts[row].begin(), counts[row].end(), 0.0);
}

double Matrix::total() const {
  double sum = 0;
  for (size_t i = 0; i < counts.size(); ++i) sum += row_total(i);
  return sum;
}

double Matrix::on_diagonal() const {
  double sum = 0;
  for (size_t i = 0; i < counts.size(); ++i) sum += counts[i][i];
  return sum;
}

std::optional<Matrix> as_matrix(const Table& table) {
  const size_t size = table.rows.size();
  if (size < 2 || table.columns.size() != size + 1) return std::nullopt;
  Matrix matrix;
  matrix.title = table.title;
  for (size_t i = 0; i < size; ++i) {
    const std::vector<std::string>& row = table.rows[i];
    if (row.size() != size + 1 || row[0] != table.columns[i + 1]) return std::nullopt;
    std::vector<double> counts;
    for (size_t j = 1; j <= size; ++j) {
      const std::optional<double> count = count_in(row[j]);
      if (!count) return std::nullopt;
      counts.push_back(*count);
    }
    matrix.names.push_back(row[0]);
    matrix.counts.push_back(std::move(counts));
  }
  constexpr std::string_view kBetween = " \\ ";
  const std::string& head = table.columns[0];
  const size_t at = head.find(kBetween);
  matrix.row_label = at == std::string::npos ? "row" : head.substr(0, at);
  matrix.column_label = at == std::string::npos ? "column" : head.substr(at + kBetween.size());
  return matrix;
}

std::string matrix_text(const Matrix& matrix) {
  return table_text(matrix.names.size() <= kShownNames ? whole_table(matrix)
                                                       : largest_cells(matrix));
}

std::string matrix_stem(const Matrix& matrix) {
  constexpr std::string_view kTail = "-matrix";
  std::string stem;
  for (const char c : matrix.title) {
    const auto letter = static_cast<unsigned char>(c);
    stem += std::isalnum(letter) != 0 ? static_cast<char>(std::tolower(letter)) : '-';
  }
  if (stem.ends_with(kTail) && stem.size() > kTail.size()) stem.resize(stem.size() - kTail.size());
  return stem.empty() ? "matrix" : stem;
}

}  // namespace mixwright::train
