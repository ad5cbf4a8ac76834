// `mixwright plugins new`: what it writes and what it refuses. That its projects build, pass and
// train is tested in tests/examples/templates.sh.

#include <filesystem>

#include <gmock/gmock.h>

#include "tests/e2e/training_scene.h"
#include "tests/support/refusal.h"

namespace mixwright::e2e {
namespace {

namespace fs = std::filesystem;
using test::expect_refusal;
using ::testing::HasSubstr;

class NewPlugin : public ::testing::Test {
 protected:
  test::ProgramResult make(std::vector<std::string> words) {
    words.insert(words.begin(), {"plugins", "new"});
    return scene_.run(words);
  }
  TrainingScene scene_;
};

TEST_F(NewPlugin, WritesAWholeProjectUnderItsName) {
  const auto result = make({"my_mixer"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("ctest --test-dir build"));
  for (const char* file : {"my_mixer.h",
                           "my_mixer.cpp",
                           "tests/my_mixer_test.cpp",
                           "configs/my_mixer.toml",
                           "configs/recipe.toml",
                           "CMakeLists.txt",
                           "README.md",
                           "ci.sh",
                           ".clang-format",
                           ".gitignore"}) {
    EXPECT_TRUE(fs::exists(scene_.path("my_mixer") / file)) << file;
  }
  const fs::perms runs = fs::status(scene_.path("my_mixer/ci.sh")).permissions();
  EXPECT_NE(runs & fs::perms::owner_exec, fs::perms::none);
}

TEST_F(NewPlugin, KindsMayBeWrittenWithHyphens) {
  const auto result = make({"mine", "--kind", "channel-mixer", "--out", "elsewhere", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("\"kind\": \"channel_mixer\""));
  EXPECT_TRUE(fs::exists(scene_.path("elsewhere/mine.cpp")));
}

TEST_F(NewPlugin, LeavesWhatIsThereAsItIs) {
  fs::create_directory(scene_.path("my_mixer"));
  expect_refusal(make({"my_mixer"}), 2, {"my_mixer: exists already", "--out"});
  EXPECT_TRUE(fs::is_empty(scene_.path("my_mixer")));
}

TEST_F(NewPlugin, RefusesNamesAndKindsThatCannotBe) {
  expect_refusal(make({"My-Mixer"}), 2, {"\"My-Mixer\" is no name", "my_mixer"});
  expect_refusal(make({"mine", "--kind", "token_mixxer"}), 2, {"did you mean \"token_mixer\"?"});
  expect_refusal(
      make({"pooling"}), 2, {"a token mixer is called \"pooling\" already", "take another name"});
  expect_refusal(make({"metaformer"}), 2, {"a plugin is called \"metaformer\" already"});
}

TEST_F(NewPlugin, AFolderThatCannotBeMadeIsNamed) {
  expect_refusal(
      make({"mine", "--out", "no/such/folder"}), 1, {"no/such/folder: cannot be made", "--out"});
  for (const auto& entry : fs::directory_iterator(scene_.path("."))) {
    EXPECT_NE(entry.path().filename().string().substr(0, 5), ".mine");
  }
}

}  // namespace
}  // namespace mixwright::e2e
