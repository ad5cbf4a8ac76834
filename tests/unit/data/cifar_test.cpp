#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "plugins/cifar/cifar_dataset.h"
#include "plugins/cifar/cifar_names.h"
#include "tests/support/error_text.h"
#include "tests/unit/data/idx_writer.h"

namespace mixwright {
namespace {

using test::error_text;
using test::write_file;
using testing::HasSubstr;

const CifarFormat kTen = {{{"label", 10}}, 0};
const CifarFormat kHundred = {{{"coarse label", 20}, {"fine label", 100}}, 1};

/// A record: labels, then red, green and blue planes that count up from their own starts.
std::string record(const std::string& labels, int red, int green, int blue) {
  std::string bytes = labels;
  for (const int start : {red, green, blue}) {
    for (int i = 0; i < kCifarPixels; ++i) bytes += static_cast<char>(start + i % 7);
  }
  return bytes;
}

class CifarTest : public testing::Test {
 protected:
  std::string error_of(const std::string& bytes, const CifarFormat& format, int64_t records) {
    const std::string path = write_file(folder_ / "batch.bin", bytes);
    std::vector<uint8_t> pictures(static_cast<size_t>(records * 3 * kCifarPixels));
    std::vector<uint8_t> classes(static_cast<size_t>(records));
    const std::string text =
        error_text([&] { read_cifar(path, format, records, pictures.data(), classes.data()); });
    EXPECT_THAT(text, testing::StartsWith(path + ": "));
    EXPECT_EQ(text.find('\n'), std::string::npos);
    return text;
  }

  /// Files of the published lengths, all zeros but for `head`; their zeros take no room on disk.
  void make(const std::string& name, int64_t bytes, const std::string& head = "") {
    std::filesystem::resize_file(write_file(folder_ / name, head), static_cast<uintmax_t>(bytes));
  }
  Cifar10Options ten(const std::string& head = "") {
    for (const char* number : {"1", "2", "3", "4", "5"}) {
      make("data_batch_" + std::string(number) + ".bin", 30730000);
    }
    make("data_batch_2.bin", 30730000, head);
    make("test_batch.bin", 30730000);
    Cifar10Options options;
    options.folder = folder_.path().string();
    return options;
  }

  test::TestFolder folder_{"mixwright-cifar"};
};

TEST_F(CifarTest, PlanesBecomePixels) {
  const std::string bytes = record("\x03", 10, 100, 200) + record("\x09", 20, 0, 30);
  torch::Tensor pictures = torch::empty({2, 32, 32, 3}, torch::kUInt8);
  std::vector<uint8_t> classes(2);
  read_cifar(
      write_file(folder_ / "a.bin", bytes), kTen, 2, pictures.data_ptr<uint8_t>(), classes.data());
  EXPECT_EQ(classes, (std::vector<uint8_t>{3, 9}));
  const int64_t step = (5 * 32 + 6) % 7;
  EXPECT_TRUE(torch::equal(pictures[0][5][6],
                           torch::tensor({10 + step, 100 + step, 200 + step}).to(torch::kUInt8)));
  EXPECT_EQ(pictures[1][0][0][2].item<int64_t>(), 30);
}

TEST_F(CifarTest, TakesTheLabelAskedFor) {
  const std::string path = write_file(folder_ / "a.bin", record("\x13\x63", 1, 2, 3));
  std::vector<uint8_t> pixels(3 * kCifarPixels);
  uint8_t label = 0;
  read_cifar(path, kHundred, 1, pixels.data(), &label);
  EXPECT_EQ(label, 99);
  CifarFormat coarse = kHundred;
  coarse.chosen = 0;
  read_cifar(path, coarse, 1, pixels.data(), &label);
  EXPECT_EQ(label, 19);
}

TEST_F(CifarTest, SaysBytesExpectedAndFound) {
  const std::string two = record("\x01", 1, 2, 3) + record("\x02", 1, 2, 3);
  EXPECT_THAT(error_of(two.substr(0, 4000), kTen, 2),
              HasSubstr("6146 bytes expected (2 records of 3073), file has 4000 (1 records and 927 "
                        "bytes); the download may be cut off"));
  EXPECT_THAT(error_of(two, kTen, 3), HasSubstr("file has 6146 (2 records)"));
  EXPECT_THAT(error_of(two + "x", kTen, 2), HasSubstr("file has 6147"));
  EXPECT_THAT(error_of(two, kHundred, 2), HasSubstr("2 records of 3074"));
  EXPECT_THAT(error_of("", kTen, 1), HasSubstr("file has 0 (0 records)"));
}

TEST_F(CifarTest, RefusesLabelsBeyondTheClasses) {
  const std::string good = record("\x01", 1, 2, 3);
  EXPECT_THAT(error_of(good + record("\x0a", 1, 2, 3), kTen, 2),
              HasSubstr("label 10 of record 1; 0 to 9 expected"));
  EXPECT_THAT(error_of(record("\x14\x01", 1, 2, 3), kHundred, 1),
              HasSubstr("coarse label 20 of record 0; 0 to 19 expected"));
  EXPECT_THAT(error_of(record("\x01\xff", 1, 2, 3), kHundred, 1),
              HasSubstr("fine label 255 of record 0; 0 to 99 expected"));
}

TEST_F(CifarTest, NamesMissingFilesAndFolders) {
  Cifar10Options options;
  options.folder = (folder_ / "absent").string();
  EXPECT_THAT(error_text([&] { Cifar10 dataset(options); }),
              HasSubstr("absent/data_batch_1.bin: cannot be opened: No such file"));
  std::filesystem::create_directory(folder_ / "data_batch_1.bin");
  options.folder = folder_.path().string();
  EXPECT_THAT(error_text([&] { Cifar10 dataset(options); }), HasSubstr("is no file but a folder"));
}

TEST_F(CifarTest, ReadsCifar10) {
  Cifar10Options options = ten(record("\x07", 50, 60, 70));
  const Cifar10 dataset(options);
  EXPECT_EQ(dataset.size(Split::kTrain), 50000);
  EXPECT_EQ(dataset.size(Split::kTest), 10000);
  EXPECT_EQ(dataset.info().input.text(), "[32, 32, 3]");
  EXPECT_EQ(dataset.info().class_names[7], "horse");
  EXPECT_EQ(dataset.info().mean.size(), 3u);
  const std::vector<int64_t> wanted = {49999, 10000};  // the second file begins at 10000
  const Batch batch = dataset.read(Split::kTrain, wanted);
  EXPECT_TRUE(torch::equal(batch.targets, torch::tensor({0, 7}, torch::kInt64)));
  EXPECT_TRUE(torch::equal(batch.indices, torch::tensor({49999, 10000}, torch::kInt64)));
  EXPECT_EQ(batch.inputs[1][0][1][1].item<int64_t>(), 61);
  const std::vector<int64_t> outside = {50000};
  EXPECT_THAT(error_text([&] { dataset.read(Split::kTrain, outside); }), HasSubstr("50000"));
  options.mean = {0.5, 0.5};
  EXPECT_THAT(error_text([&] { Cifar10 refused(options); }), HasSubstr("mean has 2 values"));
}

TEST_F(CifarTest, ReadsCifar100) {
  make("train.bin", 153700000, record("\x03\x2a", 50, 60, 70));
  make("test.bin", 30740000);
  Cifar100Options options;
  options.folder = folder_.path().string();
  const std::vector<int64_t> first = {0};
  const Cifar100 fine(options);
  EXPECT_EQ(fine.info().classes, 100);
  EXPECT_EQ(fine.info().class_names[42], "leopard");
  EXPECT_EQ(fine.read(Split::kTrain, first).targets.item<int64_t>(), 42);
  options.labels = CifarLabels::kCoarse;
  const Cifar100 coarse(options);
  EXPECT_EQ(coarse.info().classes, 20);
  EXPECT_EQ(coarse.read(Split::kTrain, first).targets.item<int64_t>(), 3);
  make("test.bin", 30730000);  // CIFAR-10's length
  EXPECT_THAT(error_text([&] { Cifar100 dataset(options); }),
              HasSubstr("30740000 bytes expected (10000 records of 3074)"));
}

TEST(CifarNames, AreAsManyAsTheClassesAndSorted) {
  for (const auto& [names, count] : {std::pair(cifar10_names(), 10u),
                                     {cifar100_fine_names(), 100u},
                                     {cifar100_coarse_names(), 20u}}) {
    EXPECT_EQ(names.size(), count);
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  }
}

}  // namespace
}  // namespace mixwright
