#pragma once

#include <optional>

#include <mixwright/dataset.h>

#include "csv_file.h"

struct CsvOptions {
  std::string train;
  std::string test;
  int64_t test_every = 5;
  std::string label = "label";
  std::vector<std::string> class_names;
  std::vector<int64_t> grid;
  int64_t channels = 1;
  bool bytes = false;
  std::vector<double> mean;
  std::vector<double> std;
};

MIXWRIGHT_OPTIONS(
    CsvOptions,
    field("train", &CsvOptions::train).required().doc("the CSV file; its first line names columns"),
    field("test", &CsvOptions::test).doc("a CSV file of the same columns for testing"),
    field("test_every", &CsvOptions::test_every)
        .at_least(2)
        .doc("without `test`: the last of this many rows is kept for testing, and so on"),
    field("label", &CsvOptions::label).doc("the column of the labels: numbers from 0, or names"),
    field("class_names", &CsvOptions::class_names).doc("one per class, in the order of the labels"),
    field("grid", &CsvOptions::grid)
        .at_least(1)
        .doc("how the values of a row lie, channels last; all in one line where not given"),
    field("channels", &CsvOptions::channels).at_least(1).doc("values of each place of the grid"),
    field("bytes", &CsvOptions::bytes).doc("values are whole numbers 0 to 255, as in pictures"),
    field("mean", &CsvOptions::mean).doc("of each channel, or one for all; bytes count as 0 to 1"),
    field("std", &CsvOptions::std).doc("as mean; values become (value - mean) / std"))

/// Rows of a CSV file as samples [*grid, channels] with classes.
///
/// Without a file for testing, row i (from 0) is tested on where i mod test_every = test_every - 1
/// and trained on otherwise: the same for every seed, and unmoved by rows that are added behind.
/// Params: CsvOptions.
/// Throws: Error for files that are not what read_csv expects, or that do not fit the options.
class CsvDataset final : public mixwright::Dataset {
 public:
  using Options = CsvOptions;
  explicit CsvDataset(const Options& options);
  const mixwright::DatasetInfo& info() const override { return info_; }
  int64_t size(mixwright::Split split) const override { return half(split).values.size(0); }
  mixwright::Batch read(mixwright::Split split, std::span<const int64_t> indices) const override;

 private:
  struct Half {
    torch::Tensor values;  ///< [rows, *grid, channels]
    torch::Tensor labels;  ///< [rows] int64
  };
  const Half& half(mixwright::Split split) const {
    return split == mixwright::Split::kTrain ? train_ : test_;
  }
  void describe(const Options& options, int64_t values);
  Half as_half(const CsvTable& table, const std::string& path) const;

  Half train_;
  Half test_;
  mixwright::DatasetInfo info_;
};
