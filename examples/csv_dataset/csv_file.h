#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <torch/torch.h>

/// What a CSV file is expected to hold.
struct CsvLayout {
  std::string label = "label";           ///< the column of the labels; all others are values
  bool bytes = false;                    ///< whole numbers 0 to 255
  std::vector<std::string> class_names;  ///< labels may be these words instead of numbers
};

/// A CSV file in memory.
struct CsvTable {
  std::vector<std::string> columns;  ///< names of the values
  torch::Tensor values;              ///< [rows, columns] bytes or float32
  std::vector<int64_t> labels;
};

/// Reads a file whose first line names the columns and whose others are rows, as strictly as can
/// be: as many values as names in each line, no quotes, no spaces, no blank line, finite numbers.
/// Lines end in LF or CR LF. What the rows hold together is counted before any of it is allocated,
/// so that memory stays below twice the file's size. Throws: mixwright::Error `file:line: …`, or
/// `file:line:column: …` for one value.
CsvTable read_csv(const std::string& path, const CsvLayout& layout);
