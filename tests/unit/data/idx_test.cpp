#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "plugins/idx/idx_dataset.h"
#include "plugins/idx/idx_file.h"
#include "tests/unit/data/idx_writer.h"

namespace mixwright {
namespace {

using test::gzipped;
using test::idx_bytes;
using test::write_file;
using testing::HasSubstr;

std::string counting(size_t count) {
  std::string bytes(count, '\0');
  for (size_t i = 0; i < count; ++i) bytes[i] = static_cast<char>(i);
  return bytes;
}

/// Highest resident size of this process so far, in kB.
int64_t peak_kilobytes() {
  std::ifstream in("/proc/self/status");
  std::string word;
  int64_t value = 0;
  while (in >> word) {
    if (word == "VmHWM:") in >> value;
  }
  return value;
}

class IdxTest : public testing::Test {
 protected:
  std::string error_of(const std::string& bytes, const std::vector<int>& ranks = {3}) {
    const std::string path = write_file(folder_ / "x-idx", bytes);
    try {
      read_idx(path, ranks);
    } catch (const Error& error) {
      const std::string text = error.what();
      EXPECT_THAT(text, HasSubstr(path));
      EXPECT_EQ(text.find('\n'), std::string::npos);
      return text;
    }
    ADD_FAILURE() << "no error";
    return "";
  }

  IdxOptions good_dataset(uint32_t train = 6, uint32_t test = 3) {
    IdxOptions options;
    options.folder = folder_.path().string();
    options.train = {"a", "b"};
    options.test = {"c", "d.gz"};
    write_file(folder_ / "a", idx_bytes({train, 2, 3}, counting(size_t{train} * 6)));
    write_file(folder_ / "b", idx_bytes({train}, counting(train)));
    write_file(folder_ / "c", idx_bytes({test, 2, 3}, counting(size_t{test} * 6)));
    write_file(folder_ / "d.gz", gzipped(idx_bytes({test}, counting(test))));
    return options;
  }

  std::string dataset_error(const IdxOptions& options) {
    try {
      IdxDataset dataset(options);
    } catch (const Error& error) {
      return error.what();
    }
    ADD_FAILURE() << "no error";
    return "";
  }

  test::TestFolder folder_{"mixwright-idx"};
};

TEST_F(IdxTest, ReadsPlainAndGzippedAlike) {
  const std::string bytes = idx_bytes({2, 3, 4}, counting(24));
  const auto plain = read_idx(write_file(folder_ / "plain", bytes), {3});
  const auto packed = read_idx(write_file(folder_ / "packed.gz", gzipped(bytes)), {3});
  EXPECT_EQ(plain.sizes(), (std::vector<int64_t>{2, 3, 4}));
  EXPECT_TRUE(torch::equal(plain, packed));
  EXPECT_EQ(plain[1][2][3].item<int64_t>(), 23);
}

TEST_F(IdxTest, SaysBytesExpectedAndFound) {
  EXPECT_THAT(error_of(idx_bytes({60000, 28, 28}, counting(1048560))),
              HasSubstr("47,040,016 bytes expected from its header (60000 x 28 x 28), file has "
                        "1,048,576; the download may be cut off"));
}

TEST_F(IdxTest, CountsOfTheHeaderAllocateNothing) {
  const int64_t before = peak_kilobytes();
  const std::string huge = idx_bytes({0xFFFFFFFF, 0xFFFF, 0xFFFF}, counting(4000));
  EXPECT_THAT(error_of(huge), HasSubstr("file has 4,016"));
  EXPECT_THAT(error_of(gzipped(huge)), HasSubstr("file has 4,016"));
  EXPECT_THAT(error_of(idx_bytes({0xFFFFFFFF}, counting(10)), {1}), HasSubstr("4,294,967,303"));
  const std::string beyond = idx_bytes({0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}, counting(4));
  EXPECT_THAT(error_of(beyond), HasSubstr("more than 2^64 bytes expected"));
  EXPECT_LT(peak_kilobytes() - before, 50 * 1024);
}

TEST_F(IdxTest, RefusesWhatIsNotWhatItsHeaderSays) {
  EXPECT_THAT(error_of(idx_bytes({2, 2, 2}, counting(9))), HasSubstr("24 bytes expected"));
  EXPECT_THAT(error_of(gzipped(idx_bytes({2, 2, 2}, counting(9)))), HasSubstr("file has 25"));
  EXPECT_THAT(error_of(idx_bytes({2, 2, 2}, counting(7))), HasSubstr("file has 23"));
  EXPECT_THAT(error_of(idx_bytes({0, 2, 2}, "")), HasSubstr("holds nothing"));
  EXPECT_THAT(error_of(idx_bytes({8}, counting(8))), HasSubstr("1 dimensions, 3 expected"));
  EXPECT_THAT(error_of(idx_bytes({1, 1, 1}, counting(8), 0x0D)), HasSubstr("IDX type 0x0d"));
  EXPECT_THAT(error_of("<html>not found</html>"), HasSubstr("begins with [3c 68 74 6d]"));
  EXPECT_THAT(error_of(""), HasSubstr("no IDX file"));
  EXPECT_THAT(error_of(std::string("\0\0\x08\x03\0\0", 6)), HasSubstr("is cut off after 6"));
}

TEST_F(IdxTest, EveryCutOfACompressedFileIsSeen) {
  const std::string bytes = gzipped(idx_bytes({3, 4, 5}, counting(60)));
  for (size_t size = 0; size < bytes.size(); ++size) error_of(bytes.substr(0, size));
}

TEST_F(IdxTest, FlippedBitsOfACompressedFileAreSeen) {
  const std::string bytes = gzipped(idx_bytes({3, 4, 5}, counting(60)));
  const auto good = read_idx(write_file(folder_ / "good", bytes), {3});
  size_t unseen = 0;
  for (size_t i = 10; i < bytes.size(); ++i) {  // behind the gzip header, which holds no data
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 4);
    try {  // the last byte of the stream has bits that mean nothing
      EXPECT_TRUE(torch::equal(read_idx(write_file(folder_ / "damaged", damaged), {3}), good)) << i;
      ++unseen;
    } catch (const Error&) {
      continue;  // seen
    }
  }
  EXPECT_LE(unseen, 1u);
}

TEST_F(IdxTest, NamesMissingFilesAndFolders) {
  EXPECT_THAT([&] { read_idx((folder_ / "absent").string(), {3}); },
              testing::ThrowsMessage<Error>(HasSubstr("absent: cannot be opened: No such file")));
  EXPECT_THAT([&] { read_idx(folder_.path().string(), {3}); },
              testing::ThrowsMessage<Error>(HasSubstr("is no file but a folder")));
}

TEST_F(IdxTest, SaysItsConstantsAndKeepsTheOrderAskedFor) {
  IdxOptions options = good_dataset();
  options.mean = 0.25;
  options.std = 0.5;
  const IdxDataset dataset(options);
  EXPECT_EQ(dataset.size(Split::kTrain), 6);
  EXPECT_EQ(dataset.size(Split::kTest), 3);
  EXPECT_EQ(dataset.info().classes, 6);
  EXPECT_EQ(dataset.info().input.text(), "[2, 3, 1]");
  const std::vector<int64_t> wanted = {4, 0, 4};
  const Batch batch = dataset.read(Split::kTrain, wanted);
  EXPECT_EQ(batch.inputs.sizes(), (std::vector<int64_t>{3, 2, 3, 1}));
  EXPECT_TRUE(torch::equal(batch.targets, torch::tensor({4, 0, 4}, torch::kInt64)));
  EXPECT_TRUE(torch::equal(batch.indices, torch::tensor({4, 0, 4}, torch::kInt64)));
  EXPECT_EQ(batch.inputs[0][1][2][0].item<int64_t>(), 29);
  EXPECT_EQ(dataset.info().mean, std::vector<double>{0.25});
  EXPECT_EQ(dataset.info().std, std::vector<double>{0.5});
  const std::vector<int64_t> outside = {6};
  EXPECT_THROW(dataset.read(Split::kTrain, outside), Error);
}

TEST_F(IdxTest, RefusesFilesThatDoNotBelongTogether) {
  IdxOptions options = good_dataset();
  write_file(folder_ / "b", idx_bytes({5}, counting(5)));
  EXPECT_THAT(dataset_error(options), HasSubstr("5 labels for the 6 pictures"));

  options = good_dataset();
  std::swap(options.train.images, options.train.labels);
  EXPECT_THAT(dataset_error(options), HasSubstr("are images and labels swapped?"));

  options = good_dataset();
  write_file(folder_ / "c", idx_bytes({3, 3, 2}, counting(18)));
  EXPECT_THAT(dataset_error(options),
              HasSubstr("pictures of [3, 2, 1], those of a have [2, 3, 1]"));

  options = good_dataset();
  options.classes = 4;
  EXPECT_THAT(dataset_error(options),
              HasSubstr("label 4 of record 4; 0 to 3 expected for 4 classes"));

  options = good_dataset();
  options.class_names = {"one", "two"};
  options.classes = 6;
  EXPECT_THAT(dataset_error(options), HasSubstr("class_names has 2 names for classes = 6"));
}

}  // namespace
}  // namespace mixwright
