#include "csv_dataset.h"

#include <algorithm>

using mixwright::Batch;
using mixwright::Error;
using mixwright::Split;

CsvDataset::CsvDataset(const Options& options) {
  const CsvLayout layout{options.label, options.bytes, options.class_names};
  const CsvTable table = read_csv(options.train, layout);
  describe(options, static_cast<int64_t>(table.columns.size()));
  info_.classes = static_cast<int64_t>(options.class_names.size());
  if (info_.classes == 0) {
    info_.classes = 1 + *std::max_element(table.labels.begin(), table.labels.end());
  }
  const Half all = as_half(table, options.train);
  if (!options.test.empty()) {
    const CsvTable other = read_csv(options.test, layout);
    if (other.columns != table.columns) {
      throw Error(options.test + ":1: other columns than those of " + options.train);
    }
    train_ = all;
    test_ = as_half(other, options.test);
    return;
  }
  const torch::Tensor rows = torch::arange(all.labels.size(0));
  const torch::Tensor is_test = rows.remainder(options.test_every) == options.test_every - 1;
  train_ = {all.values.index({~is_test}), all.labels.index({~is_test})};
  test_ = {all.values.index({is_test}), all.labels.index({is_test})};
  if (test_.labels.numel() == 0) {
    throw Error(options.train + ": " + std::to_string(rows.numel()) +
                " rows leave none for testing at test_every = " +
                std::to_string(options.test_every) + "; give `test`, or more rows");
  }
}

void CsvDataset::describe(const Options& options, int64_t values) {
  info_.class_names = options.class_names;
  info_.input.channels = options.channels;
  info_.input.grid = options.grid;
  if (options.grid.empty()) info_.input.grid = {values / options.channels};
  info_.mean = options.mean;
  info_.std = options.std;
  const int64_t places = info_.input.tokens() * options.channels;
  if (places != values) {
    throw Error(options.train + ":1: " + std::to_string(values) + " columns of values, " +
                std::to_string(places) + " expected for samples of " + info_.input.text());
  }
  for (const auto* list : {&options.mean, &options.std}) {
    const auto count = static_cast<int64_t>(list->size());
    if (count <= 1 || count == options.channels) continue;
    throw Error("mean and std have one value, or one for each of the " +
                std::to_string(options.channels) + " channels; " + std::to_string(count) + " came");
  }
  if (options.mean.empty() != options.std.empty()) {
    throw Error("mean and std stand together, or neither does");
  }
  if (std::any_of(options.std.begin(), options.std.end(), [](double s) { return s <= 0; })) {
    throw Error("std: values above 0 expected");
  }
}

CsvDataset::Half CsvDataset::as_half(const CsvTable& table, const std::string& path) const {
  for (size_t row = 0; row < table.labels.size(); ++row) {
    if (table.labels[row] < info_.classes) continue;
    throw Error(path + ":" + std::to_string(row + 2) + ": label " +
                std::to_string(table.labels[row]) + "; 0 to " + std::to_string(info_.classes - 1) +
                " expected for " + std::to_string(info_.classes) + " classes");
  }
  std::vector<int64_t> sizes = {table.values.size(0)};
  sizes.insert(sizes.end(), info_.input.grid.begin(), info_.input.grid.end());
  sizes.push_back(info_.input.channels);
  return {table.values.view(sizes), torch::tensor(table.labels, torch::kInt64)};
}

Batch CsvDataset::read(Split split, std::span<const int64_t> indices) const {
  const Half& source = half(split);
  for (const int64_t index : indices) {
    if (index >= 0 && index < source.labels.size(0)) continue;
    throw Error("row " + std::to_string(index) + " does not exist; the split has " +
                std::to_string(source.labels.size(0)));
  }
  Batch batch;
  batch.indices = torch::tensor(at::ArrayRef<int64_t>(indices.data(), indices.size()));
  batch.inputs = source.values.index_select(0, batch.indices);  // [batch, *grid, channels]
  batch.targets = source.labels.index_select(0, batch.indices);
  return batch;
}

MIXWRIGHT_PLUGIN("csv_dataset",
                 "0.1.0",
                 "Apache-2.0",
                 dataset<CsvDataset>("csv",
                                     "rows of a CSV file with a column of labels",
                                     "RFC 4180")
                     .example("train = \"flowers.csv\""))
