#include "framework/io/mapped_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/io/input_file.h"
#include "tests/unit/io/io_test_files.h"

namespace mixwright::io {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(MappedFile, GivesTheBytesOfAFile) {
  const TemporaryFolder folder;
  const std::string content = "0123456789" + std::string(10'000, '\0') + "end";
  write_bytes(folder / "a.bin", content);
  const MappedFile file(folder / "a.bin");
  ASSERT_EQ(file.size(), content.size());
  EXPECT_EQ(std::memcmp(file.bytes().data(), content.data(), content.size()), 0);
  EXPECT_EQ(file.path(), folder / "a.bin");
}

TEST(MappedFile, AnEmptyFileHasNoBytes) {
  const TemporaryFolder folder;
  write_bytes(folder / "empty", "");
  EXPECT_EQ(MappedFile(folder / "empty").size(), 0U);
}

TEST(MappedFile, MovesItsBytes) {
  const TemporaryFolder folder;
  write_bytes(folder / "a", "aaa");
  write_bytes(folder / "b", "bb");
  MappedFile first(folder / "a");
  MappedFile second(std::move(first));
  ASSERT_EQ(second.size(), 3U);
  second = MappedFile(folder / "b");
  ASSERT_EQ(second.size(), 2U);
  EXPECT_EQ(second.bytes()[0], 'b');
}

TEST(MappedFile, RefusesWhatIsNoRegularFile) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_of([&] { MappedFile file(folder.path()); }),
              AllOf(StartsWith(folder.path().string()), HasSubstr("is a folder")));
  EXPECT_THAT(error_of([&] { MappedFile file(folder / "missing"); }),
              HasSubstr("missing: cannot open for reading: No such file or directory"));
  EXPECT_THAT(error_of([] { MappedFile file("/dev/null"); }), HasSubstr("is a pipe or device"));
  // Must not wait for somebody to write into the pipe.
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(error_of([&] { MappedFile file(folder / "pipe"); }),
              HasSubstr("is a pipe or device"));
}

TEST(InputFile, ReadsAtOffsets) {
  const TemporaryFolder folder;
  write_bytes(folder / "a", "0123456789");
  const InputFile file(folder / "a");
  std::string three(3, '\0');
  file.read_at(7, three.data(), three.size());
  EXPECT_EQ(three, "789");
  file.read_at(10, three.data(), 0);
  EXPECT_EQ(three, "789");
}

TEST(InputFile, AFileThatIsCutOffMeanwhileIsAnError) {
  const TemporaryFolder folder;
  write_bytes(folder / "a", std::string(100'000, 'x'));
  const InputFile file(folder / "a");
  std::filesystem::resize_file(folder / "a", 5'000);
  std::string all(100'000, '\0');
  EXPECT_THAT(error_of([&] { file.read_at(0, all.data(), all.size()); }),
              HasSubstr("a: ends at byte 5,000, had 100,000 bytes when it was opened"));
}

}  // namespace
}  // namespace mixwright::io
