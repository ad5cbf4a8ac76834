#include "framework/fetch/unpack.h"

#include <fstream>
#include <iterator>

#include <gmock/gmock.h>

#include "framework/fetch/download.h"
#include "framework/plugin/sha256.h"
#include "tests/support/error_text.h"
#include "tests/unit/data/idx_writer.h"
#include "tests/unit/fetch/archives.h"

namespace mixwright::fetch {
namespace {

namespace fs = std::filesystem;
using test::error_text;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Unpack : public ::testing::Test {
 protected:
  std::vector<StoredFile> take_apart(const std::string& archive) {
    test::write_file(folder_ / "in.tar", archive);
    fs::create_directories(folder_ / "out");
    return unpack(folder_ / "in.tar", folder_ / "out", options_);
  }
  std::string refusal(const std::string& archive) {
    return error_text([&] { take_apart(archive); });
  }
  std::string content(const std::string& name) {
    std::ifstream in(folder_ / "out" / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  test::TestFolder folder_{"mixwright-unpack"};
  UnpackOptions options_{.most_bytes = 1'000'000};
};

TEST_F(Unpack, FilesAndFolders) {
  const std::string tar = tar_entry("./a/", "", '5') + tar_entry("./a/one.bin", "first") +
                          tar_entry("b/c/two.bin", std::string(70'000, 'z')) +
                          tar_entry("empty", "") + tar_end();
  for (const std::string& archive : {tar, gzipped(tar)}) {
    const std::vector<StoredFile> stored = take_apart(archive);
    ASSERT_EQ(stored.size(), 3u);
    EXPECT_EQ(stored[0].path, "a/one.bin");
    EXPECT_EQ(stored[0].bytes, 5u);
    for (const StoredFile& file : stored) {
      EXPECT_EQ(file.sha256, plugin::sha256_of_file(folder_ / "out" / file.path)) << file.path;
    }
    EXPECT_EQ(content("a/one.bin"), "first");
    EXPECT_EQ(content("b/c/two.bin"), std::string(70'000, 'z'));
    fs::remove_all(folder_ / "out");
  }
}

TEST_F(Unpack, PathsThatLeadOutAreRefused) {
  const std::string absolute = (folder_ / "out.txt").string();
  for (const std::string& path : {std::string("../out.txt"),
                                  std::string("a/../../out.txt"),
                                  absolute,
                                  std::string("a/.."),
                                  std::string("bad\nname")}) {
    EXPECT_THAT(refusal(tar_entry("fine", "x") + tar_entry(path, "bad") + tar_end()),
                AllOf(HasSubstr("in.tar: refused: holds "), HasSubstr("leads out of the folder")))
        << path;
    EXPECT_FALSE(fs::exists(absolute)) << path;
    fs::remove_all(folder_ / "out");
  }
}

TEST_F(Unpack, OnlyFilesAndFoldersComeOut) {
  const std::vector<std::pair<char, const char*>> kinds = {
      {'2', "a symbolic link"}, {'1', "a hard link"}, {'3', "a device"}, {'6', "a named pipe"}};
  for (const auto& [type, words] : kinds) {
    EXPECT_THAT(
        refusal(tar_entry("fine", "x") + tar_entry("odd", "", type, "/etc/passwd") + tar_end()),
        AllOf(HasSubstr("\"odd\""), HasSubstr(words)));
    EXPECT_FALSE(fs::exists(fs::symlink_status(folder_ / "out" / "odd")));
    fs::remove_all(folder_ / "out");
  }
}

TEST_F(Unpack, ALinkCannotBeWrittenThrough) {
  fs::create_directories(folder_ / "elsewhere");
  const std::string through = tar_entry("way", "", '2', (folder_ / "elsewhere").string()) +
                              tar_entry("way/file", "bad") + tar_end();
  EXPECT_THAT(refusal(through), HasSubstr("a symbolic link"));
  EXPECT_TRUE(fs::is_empty(folder_ / "elsewhere"));
}

TEST_F(Unpack, AnEntryComesOnce) {
  EXPECT_THAT(refusal(tar_entry("a", "1") + tar_entry("./a", "2") + tar_end()),
              HasSubstr("holds \"a\" twice"));
  fs::remove_all(folder_ / "out");
  EXPECT_THAT(refusal(tar_entry("a", "1") + tar_entry("a/b", "2") + tar_end()), HasSubstr("a/b"));
}

TEST_F(Unpack, ABombEndsAtTheBound) {
  constexpr size_t kLarge = size_t{8} << 20;
  const std::string bomb = gzipped(tar_entry("zeros", std::string(kLarge, '\0')) + tar_end());
  ASSERT_LT(bomb.size(), 10'000u);
  EXPECT_THAT(refusal(bomb), HasSubstr("unpacks to more than the 1,000,000 bytes allowed"));
  EXPECT_LE(fs::file_size(folder_ / "out" / "zeros"), 1'000'000u);
}

TEST_F(Unpack, ManySmallFilesEndAtTheBound) {
  options_.most_entries = 10;
  std::string tar;
  for (int i = 0; i < 11; ++i) tar += tar_entry("f" + std::to_string(i), "");
  EXPECT_THAT(refusal(tar + tar_end()), HasSubstr("more than 10 files and folders"));
}

TEST_F(Unpack, WhatIsCutOffOrDamagedIsRefused) {
  const std::string tar = tar_entry("a", std::string(200'000, 'q')) + tar_end();
  const std::string packed = gzipped(tar_entry("a", std::string(200'000, 'q')) + tar_end());
  EXPECT_THAT(refusal(tar.substr(0, 100'000)), HasSubstr("damaged or no archive"));
  fs::remove_all(folder_ / "out");
  EXPECT_THAT(refusal(packed.substr(0, packed.size() / 2)), HasSubstr("damaged or no archive"));
  fs::remove_all(folder_ / "out");
  EXPECT_THAT(refusal("no archive at all, but some text"), HasSubstr("damaged or no archive"));
  EXPECT_THAT(refusal(""), HasSubstr("refused"));
  EXPECT_THAT(refusal(tar_end()), HasSubstr("refused"));
}

TEST_F(Unpack, StopsWhenAsked) {
  options_.stopped = [] { return true; };
  EXPECT_THROW(take_apart(tar_entry("a", "1") + tar_end()), Stopped);
}

}  // namespace
}  // namespace mixwright::fetch
