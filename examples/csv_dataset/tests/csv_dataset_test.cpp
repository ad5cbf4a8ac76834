// What is read out of small files, and what is refused where.

#include "csv_dataset.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include <mixwright/error.h>

namespace {

namespace fs = std::filesystem;
using mixwright::Split;

int failures = 0;

void expect(bool fine, const std::string& what) {
  if (fine) return;
  std::cerr << "failed: " << what << "\n";
  ++failures;
}

/// A folder that is gone at the end.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("csv_dataset_" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return (path_ / name).string();
  }

 private:
  fs::path path_;
};

constexpr const char* kFlowers =
    "long,wide,label,tall\n"
    "1,-2.5,0,3e1\n"
    "4,5,1,6\n"
    "7,8,2,9\r\n"
    "10,11,0,12\n"
    "13,14,1,15";  // no end of line

CsvOptions options_for(const std::string& train) {
  CsvOptions options;
  options.train = train;
  return options;
}

void reads_rows(const Folder& folder) {
  CsvOptions options = options_for(folder.write("flowers.csv", kFlowers));
  options.test_every = 3;
  const CsvDataset data(options);
  expect(data.info().classes == 3, "three classes");
  expect(data.info().input.text() == "[3, 1]", "samples of three places");
  expect(data.size(Split::kTrain) == 4 && data.size(Split::kTest) == 1, "one of three is tested");
  const std::vector<int64_t> indices = {3, 0};
  const mixwright::Batch batch = data.read(Split::kTrain, indices);
  const torch::Tensor expected = torch::tensor({13.0, 14.0, 15.0, 1.0, -2.5, 30.0}).view({2, 3, 1});
  expect(batch.inputs.equal(expected), "values in the order of the columns");
  expect(batch.targets.equal(torch::tensor({1, 0})), "their labels");
  const std::vector<int64_t> first = {0};
  expect(data.read(Split::kTest, first).targets.item<int64_t>() == 2, "the third row is tested");
}

void reads_pictures_and_names(const Folder& folder) {
  CsvOptions options = options_for(folder.write("train.csv", "label,a,b,c,d\ncat,0,1,2,255\n"));
  options.test = folder.write("test.csv", "label,a,b,c,d\n1,5,6,7,8\ncat,9,9,9,9\n");
  options.class_names = {"cat", "dog"};
  options.grid = {2, 2};
  options.bytes = true;
  const CsvDataset data(options);
  const std::vector<int64_t> first = {0};
  const mixwright::Batch train = data.read(Split::kTrain, first);
  expect(train.inputs.scalar_type() == torch::kUInt8, "bytes stay bytes");
  expect(train.inputs.equal(torch::tensor({0, 1, 2, 255}, torch::kUInt8).view({1, 2, 2, 1})),
         "a picture, row by row");
  expect(data.size(Split::kTest) == 2, "a file for testing");
  expect(data.read(Split::kTest, first).targets.item<int64_t>() == 1, "labels by number");
}

void refuses(const CsvOptions& options, const std::string& words) {
  try {
    const CsvDataset data(options);
    expect(false, "refused with: " + words);
  } catch (const mixwright::Error& error) {
    const std::string text = error.what();
    expect(text.find(words) != std::string::npos, text + "\n  should say: " + words);
    expect(text.find('\n') == std::string::npos, "one line: " + text);
  }
}

void refuses_what_is_wrong(const Folder& folder) {
  const auto text = [&](const std::string& content) {
    return options_for(folder.write("bad.csv", content));
  };
  refuses(options_for("nowhere.csv"), "nowhere.csv: cannot be read; a CSV file expected");
  refuses(options_for("/"), "/: cannot be read; a CSV file expected");
  refuses(text(""), "bad.csv: is empty; a line of column names expected");
  refuses(text("label,a\n"), "bad.csv: has no row");
  refuses(text("lable,a\n0,1\n"), "bad.csv:1: no column \"label\" for the labels; did you mean");
  refuses(text("label\n0\n"), "bad.csv:1: the labels are the only column");
  refuses(text("\"label\",a\n0,1\n"), "bad.csv:1:1: quotes are not read");
  refuses(text("label,a,b\n0,1,2\n0,1\n"), "bad.csv:3: 2 values, 3 expected");
  refuses(text("label,a\n0,1\n\n0,1\n"), "bad.csv:3: blank line");
  refuses(text("label,a\n0,one\n"), "bad.csv:2:3: a is \"one\"; a finite number expected");
  refuses(text("label,a\n0, 1\n"), "bad.csv:2:3: a is \" 1\"");
  refuses(text("label,a\n0,\n"), "bad.csv:2:3: a is \"\"");
  refuses(text("label,a\n0,nan\n"), "bad.csv:2:3: a is \"nan\"");
  refuses(text("label,a\n0,1e999\n"), "bad.csv:2:3: a is \"1e999\"");
  refuses(text("label,a\n-1,1\n"), "bad.csv:2:1: label \"-1\"; a whole number from 0 on");
  refuses(text("label,a\n0,1\n"), "1 rows leave none for testing at test_every = 5");
}

void refuses_what_does_not_fit(const Folder& folder) {
  const auto text = [&](const std::string& content) {
    return options_for(folder.write("bad.csv", content));
  };
  CsvOptions bytes = text("label,a\n0,256\n");
  bytes.bytes = true;
  refuses(bytes, "bad.csv:2:3: a is \"256\"; a whole number from 0 to 255 expected");
  CsvOptions grid = text("label,a,b,c\n0,1,2,3\n");
  grid.grid = {2, 2};
  refuses(grid, "bad.csv:1: 3 columns of values, 4 expected for samples of [2, 2, 1]");
  CsvOptions names = text("label,a\n2,1\n");
  names.class_names = {"cat", "dog"};
  refuses(names, "bad.csv:2: label 2; 0 to 1 expected for 2 classes");
  names = text("label,a\ncut,1\n");
  names.class_names = {"cat", "dog"};
  refuses(names, "bad.csv:2:1: label \"cut\"; one of class_names");
  CsvOptions test = text("label,a\n0,1\n");
  test.test = folder.write("other.csv", "label,b\n0,1\n");
  refuses(test, "other.csv:1: other columns than those of");
  CsvOptions mean = text("label,a\n0,1\n");
  mean.mean = {0.5};
  refuses(mean, "mean and std stand together");
  mean.std = {0};
  refuses(mean, "std: values above 0 expected");
}

/// A million names over short rows must not become a table of that width.
void allocates_what_the_file_holds(const Folder& folder) {
  std::string content = "label";
  for (int i = 0; i < 1000000; ++i) content += ",a";
  content += "\n";
  for (int i = 0; i < 100000; ++i) content += "0\n";
  refuses(options_for(folder.write("bad.csv", content)),
          "bad.csv:2: 1 values, 1000001 expected, as many as columns are named in line 1");
}

}  // namespace

int main() {
  const Folder folder;
  reads_rows(folder);
  reads_pictures_and_names(folder);
  refuses_what_is_wrong(folder);
  refuses_what_does_not_fit(folder);
  allocates_what_the_file_holds(folder);
  return failures == 0 ? 0 : 1;
}
