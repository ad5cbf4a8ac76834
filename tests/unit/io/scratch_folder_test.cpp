#include "framework/io/scratch_folder.h"

#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>

#include "tests/support/error_text.h"

namespace mixwright::io {
namespace {

namespace fs = std::filesystem;

TEST(ScratchFolder, IsPrivateAndGoesWithWhatIsInIt) {
  fs::path path;
  {
    const ScratchFolder folder("mixwright-test");
    path = folder.path();
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_all);
    fs::create_directory(path / "below");
    std::ofstream(path / "below" / "file") << "text";
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(ScratchFolder, SaysWhatToDoWhereThereCanBeNone) {
  const char* before = std::getenv("TMPDIR");
  const std::string kept = before != nullptr ? before : "";
  ::setenv("TMPDIR", "/proc/no/such/folder", 1);
  EXPECT_THAT(test::error_text([] { ScratchFolder("mixwright-test"); }),
              ::testing::EndsWith("set TMPDIR to a folder that can be written to"));
  if (before != nullptr) {
    ::setenv("TMPDIR", kept.c_str(), 1);
  } else {
    ::unsetenv("TMPDIR");
  }
}

}  // namespace
}  // namespace mixwright::io
