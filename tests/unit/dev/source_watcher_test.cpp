#include "framework/dev/source_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/folder.h"

namespace mixwright::dev {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

class SourceWatcherTest : public testing::Test {
 protected:
  SourceWatcherTest() : folder_("mixwright-watch"), elsewhere_("mixwright-watch") {
    write("a.cpp", "a");
    write("below/b.h", "b");
    test::write_file(elsewhere_ / "c.toml", "c");
  }

  void write(const std::string& name, const std::string& text) {
    test::write_file(folder_ / name, text);
  }

  SourceWatcher watcher() { return SourceWatcher(folder_.path(), {elsewhere_ / "c.toml"}); }

  test::TestFolder folder_;
  test::TestFolder elsewhere_;
};

TEST_F(SourceWatcherTest, TellsASaveOnceAndWhenItIsOver) {
  SourceWatcher watch = watcher();
  EXPECT_FALSE(watch.look());
  EXPECT_FALSE(watch.look()) << "what was there is no save";
  write("a.cpp", "longer");
  EXPECT_FALSE(watch.look());
  write("below/b.h", "longer");
  EXPECT_FALSE(watch.look()) << "it goes on";
  EXPECT_TRUE(watch.look());
  EXPECT_THAT(watch.saved(), UnorderedElementsAre("a.cpp", "b.h"));
  EXPECT_FALSE(watch.look());
}

TEST_F(SourceWatcherTest, SeesAFileThatIsRenamedOverTheOld) {
  SourceWatcher watch = watcher();
  const fs::file_time_type time = fs::last_write_time(folder_ / "a.cpp");
  write(".a.cpp.new", "b");  // as long, and as old
  fs::last_write_time(folder_ / ".a.cpp.new", time);
  EXPECT_FALSE(watch.look());
  EXPECT_FALSE(watch.look()) << "a hidden file";
  fs::rename(folder_ / ".a.cpp.new", folder_ / "a.cpp");
  EXPECT_FALSE(watch.look());
  EXPECT_TRUE(watch.look());
  EXPECT_THAT(watch.saved(), ElementsAre("a.cpp"));
}

TEST_F(SourceWatcherTest, SeesNewRemovedAndFurtherFiles) {
  SourceWatcher watch = watcher();
  write("new.cpp", "n");
  fs::remove(folder_ / "below/b.h");
  test::write_file(elsewhere_ / "c.toml", "changed");
  EXPECT_FALSE(watch.look());
  EXPECT_TRUE(watch.look());
  EXPECT_THAT(watch.saved(), UnorderedElementsAre("new.cpp", "b.h", "c.toml"));
}

TEST_F(SourceWatcherTest, LooksNeitherAtBuildsNorAtWhatEditorsLeave) {
  SourceWatcher watch = watcher();
  write("build/CMakeCache.txt", "");
  write("build/generated.cpp", "g");
  write(".git/index", "g");
  write("a.cpp~", "a");
  write(".a.cpp.swp", "a");
  EXPECT_FALSE(watch.look());
  EXPECT_FALSE(watch.look());
  write("generated.cpp", "g");  // the counterpart
  EXPECT_FALSE(watch.look());
  EXPECT_TRUE(watch.look());
}

}  // namespace
}  // namespace mixwright::dev
