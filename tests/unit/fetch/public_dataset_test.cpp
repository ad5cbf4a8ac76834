#include "framework/fetch/public_dataset.h"

#include <gmock/gmock.h>

#include "framework/config/toml_reader.h"
#include "framework/fetch/catalogue.h"
#include "framework/fetch/data_folder.h"
#include "tests/support/error_text.h"
#include "tests/unit/data/idx_writer.h"

namespace mixwright::fetch {
namespace {

using test::error_text;
using ::testing::AllOf;
using ::testing::HasSubstr;

const std::filesystem::path kKnown =
    std::filesystem::path(MIXWRIGHT_SOURCE_DIR) / "configs" / "datasets";

constexpr const char* kSum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

class Description : public ::testing::Test {
 protected:
  /// Reads a description with `head` in front of one file that has `file` among its keys.
  PublicDataset read(const std::string& head, const std::string& file) {
    const std::string text = head +
                             "title = \"T\"\nlicense = \"L\"\nuse = \"folder = '{folder}'\"\n" +
                             "[[file]]\n" + file;
    return read_public_dataset(test::write_file(folder_ / "mine.toml", text));
  }
  std::string refusal(const std::string& head, const std::string& file) {
    return error_text([&] { read(head, file); });
  }
  static std::string good(const std::string& more = "") {
    return "url = \"https://host/a.bin\"\nsize = 3\nsha256 = \"" + std::string(kSum) + "\"\n" +
           more;
  }

  test::TestFolder folder_{"mixwright-datasets"};
};

TEST(KnownDatasets, AllOfThemAreReadAndComplete) {
  const std::vector<PublicDataset> known = read_catalogue(kKnown);
  ASSERT_GE(known.size(), 4u);
  for (const PublicDataset& dataset : known) {
    EXPECT_FALSE(dataset.homepage.empty()) << dataset.name;
    const std::string lines = dataset.config_lines("/some \"where\"");
    const ConfigValue config = config::parse_toml(lines, dataset.name);
    ASSERT_NE(config.find("data"), nullptr) << dataset.name;
    const std::string folder = config.find("data")->find("folder")->as_string();
    EXPECT_TRUE(folder.starts_with("/some \"where\"")) << folder;
    for (const RemoteFile& file : dataset.files) {
      EXPECT_FALSE(file.mirrors.empty()) << dataset.name << ": " << file.name;
      if (file.unpack) EXPECT_GT(file.unpacked_mb, 0) << dataset.name << ": " << file.name;
    }
  }
}

TEST(KnownDatasets, ANameIsLookedUp) {
  EXPECT_EQ(find_dataset(kKnown, "mnist").files.size(), 4u);
  EXPECT_EQ(find_dataset(kKnown, (kKnown / "mnist.toml").string()).name, "mnist");
  EXPECT_THAT(error_text([] { find_dataset(kKnown, "mnits"); }),
              AllOf(HasSubstr("no public data set is called \"mnits\""),
                    HasSubstr("did you mean \"mnist\"?")));
  EXPECT_THAT(error_text([] { find_dataset("/nonexistent", "mnist"); }), HasSubstr("/nonexistent"));
}

TEST_F(Description, TheNameOnDiskIsThatInTheAddress) {
  const PublicDataset dataset = read("", good());
  EXPECT_EQ(dataset.name, "mine");
  EXPECT_EQ(dataset.files[0].name, "a.bin");
  EXPECT_EQ(dataset.config_lines("/here"), "folder = '/here'");
}

TEST_F(Description, WhatIsWrongIsNamedWithItsPlace) {
  EXPECT_THAT(refusal("titel = \"x\"\n", good()),
              AllOf(HasSubstr("mine.toml:1:1:"), HasSubstr("did you mean \"title\"?")));
  EXPECT_THAT(refusal("", good("colour = 1")), HasSubstr("mine.toml:8:1:"));
  EXPECT_THAT(
      refusal("", "url = \"ftp://host/a\"\nsize = 1\nsha256 = \"" + std::string(kSum) + "\""),
      AllOf(HasSubstr("mine.toml:5:7:"), HasSubstr("https://")));
  EXPECT_THAT(refusal("", "url = \"https://host/a\"\nsize = 1\nsha256 = \"12ab\""),
              AllOf(HasSubstr("mine.toml:7:10:"), HasSubstr("64 hexadecimal digits")));
  EXPECT_THAT(
      refusal("", "url = \"https://host/a\"\nsize = 0\nsha256 = \"" + std::string(kSum) + "\""),
      HasSubstr("size"));
  EXPECT_THAT(refusal("", "url = \"https://host/a\"\nsize = 1"), HasSubstr("sha256"));
  EXPECT_THAT(refusal("", good("mirrors = [\"file:///etc/passwd\"]")),
              HasSubstr("file:///etc/passwd"));
  EXPECT_THAT(refusal("", good() + "[[file]]\n" + good()),
              HasSubstr("two files are called \"a.bin\""));
  EXPECT_THAT(refusal("holds = [\"../x\"]\n", good()), HasSubstr("\"../x\""));
}

TEST_F(Description, NamesStayInTheFolder) {
  for (const char* name : {"../a", "a/b", "..", ".mixwright.json", "/a"}) {
    EXPECT_THAT(refusal("", good("name = \"" + std::string(name) + "\"")),
                HasSubstr("the name of a file expected"))
        << name;
  }
  EXPECT_THAT(
      refusal("", "url = \"https://host/\"\nsize = 1\nsha256 = \"" + std::string(kSum) + "\""),
      HasSubstr("the name of a file expected"));
}

TEST(DataRoot, FollowsTheEnvironment) {
  ::setenv("MIXWRIGHT_DATA", "/one", 1);
  ::setenv("XDG_CACHE_HOME", "/two", 1);
  EXPECT_EQ(data_root(), "/one");
  ::setenv("MIXWRIGHT_DATA", "relative", 1);
  EXPECT_EQ(data_root(), "/two/mixwright/data");
  ::unsetenv("XDG_CACHE_HOME");
  ::setenv("HOME", "/three", 1);
  EXPECT_EQ(data_root(), "/three/.cache/mixwright/data");
  ::unsetenv("MIXWRIGHT_DATA");
}

}  // namespace
}  // namespace mixwright::fetch
