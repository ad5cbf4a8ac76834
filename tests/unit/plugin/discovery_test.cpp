#include "framework/plugin/discovery.h"

#include <cstdlib>

#include <gmock/gmock.h>

#include <mixwright/error.h>

#include "framework/plugin/trust.h"
#include "tests/unit/plugin/plugin_files.h"

namespace mixwright::plugin {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Sets a variable of the environment for the length of a test.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    ::setenv(name, value.c_str(), 1);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() {
    if (old_) {
      ::setenv(name_, old_->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }

 private:
  const char* name_;
  std::optional<std::string> old_;
};

std::vector<std::string> origins(const SearchPath& path) {
  std::vector<std::string> result;
  for (const SearchPlace& place : path.places) {
    result.push_back(place.path.string() + " " + place.origin);
  }
  return result;
}

TEST(Discovery, PlacesComeInTheirOrder) {
  const fs::path folder = test::fresh_folder();
  const Variable plugins("MIXWRIGHT_PLUGIN_PATH", "/first:/second");
  const Variable home("XDG_DATA_HOME", "/home/of/data");
  const std::string installed = (installation_prefix() / "lib/mixwright/plugins").string();
  EXPECT_THAT(origins(make_search_path({{folder.string()}, false, {"/from/config"}})),
              ElementsAre(folder.string() + " --plugin-path",
                          "/from/config [plugins] path of the config",
                          "/first MIXWRIGHT_PLUGIN_PATH",
                          "/second MIXWRIGHT_PLUGIN_PATH",
                          "/home/of/data/mixwright/plugins the user's folder",
                          installed + " the installation"));
  EXPECT_THAT(origins(make_search_path({{folder.string()}, true, {"/from/config"}})),
              ElementsAre(folder.string() + " --plugin-path"));
}

TEST(Discovery, NothingDependsOnTheCurrentFolder) {
  const Variable plugins("MIXWRIGHT_PLUGIN_PATH", ":.:plugins::/whole:");
  const Variable data("XDG_DATA_HOME", "relative/data");
  const Variable home("HOME", "/home/somebody");
  const SearchPath path = make_search_path({{}, false, {"beside/the/config"}});
  EXPECT_THAT(origins(path),
              ElementsAre("/whole MIXWRIGHT_PLUGIN_PATH",
                          "/home/somebody/.local/share/mixwright/plugins the user's folder",
                          (installation_prefix() / "lib/mixwright/plugins").string() +
                              " the installation"));
  EXPECT_THAT(path.warnings,
              ElementsAre(HasSubstr("beside/the/config"),
                          HasSubstr("the folder . is left out"),
                          HasSubstr("the folder plugins is left out")));
}

TEST(Discovery, ExplicitPathMustExist) {
  EXPECT_THROW(make_search_path({{"/no/such/folder"}, true, {}}), UsageError);
  EXPECT_THROW(make_search_path({{""}, true, {}}), UsageError);
}

TEST(Discovery, OnlyLibrariesAreTakenByName) {
  const fs::path folder = test::fresh_folder();
  for (const char* name : {"libb.so", "liba.so", "notes.txt", "libc.so.1"}) {
    test::write_bytes(folder / name, "x");
  }
  fs::create_directories(folder / "deeper");
  test::write_bytes(folder / "deeper" / "libd.so", "x");
  const Discovery found = discover(make_search_path({{folder.string()}, true, {}}));
  std::vector<std::string> names;
  for (const Candidate& candidate : found.candidates) {
    names.push_back(candidate.file.filename().string());
  }
  EXPECT_THAT(names, ElementsAre("liba.so", "libb.so"));
  ASSERT_EQ(found.searched.size(), 1u);
  EXPECT_EQ(found.searched[0].outcome, "2 libraries");
}

TEST(Trust, OthersMustNotWrite) {
  const fs::path folder = test::fresh_folder();
  if (!reason_for_distrust(folder).empty()) GTEST_SKIP() << reason_for_distrust(folder);
  const fs::path file = folder / "file";
  test::write_bytes(file, "x");
  EXPECT_EQ(reason_for_distrust(file), "");

  fs::permissions(file, fs::perms(0666));
  EXPECT_THAT(reason_for_distrust(file), HasSubstr("(mode 0666): chmod"));
  fs::permissions(file, fs::perms(0644));
  fs::permissions(folder, fs::perms(0757));
  EXPECT_THAT(reason_for_distrust(file),
              HasSubstr("others can write to " + folder.string() + " (mode 0757): chmod o-w"));
  fs::permissions(folder, fs::perms(01777));  // sticky, as /tmp is
  EXPECT_EQ(reason_for_distrust(file), "");
  EXPECT_THAT(reason_for_distrust(folder), HasSubstr("chmod"));
  fs::permissions(folder, fs::perms(0755));
  EXPECT_THAT(reason_for_distrust(folder / "nowhere"), HasSubstr("cannot be examined"));
}

}  // namespace
}  // namespace mixwright::plugin
