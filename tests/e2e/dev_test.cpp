// `mixwright dev`: from a saved source to what it does. The projects here build in no time: their
// libraries are those of the tests; tests/examples has one that is compiled.

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/training_scene.h"

namespace mixwright::e2e {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

/// A project whose plugin is there already.
constexpr const char* kCopies = R"(cmake_minimum_required(VERSION 3.25)
project(mine NONE)
add_custom_target(mixwright_plugins
  ${CMAKE_COMMAND} -E copy_if_different "${CMAKE_SOURCE_DIR}/mine.lib" "${CMAKE_BINARY_DIR}/libmine.so")
file(WRITE "${CMAKE_BINARY_DIR}/mixwright_plugins.txt" "${CMAKE_BINARY_DIR}/libmine.so\n")
)";

constexpr const char* kCompiles = R"(cmake_minimum_required(VERSION 3.25)
project(mine CXX)
add_library(mixwright_plugins MODULE mine.cpp)
)";

class DevTest : public testing::Test {
 protected:
  void SetUp() override {
    config("boundary_scale");
    write("CMakeLists.txt", kCopies);
  }

  void write(const std::string& name, const std::string& text) {
    test::write_file(scene_.path("mine/" + name), text);
  }

  /// The scene's training with another mixer, in the project's folder.
  void config(const std::string& mixer) {
    write("train.toml",
          "extends = [\"../tiny.toml\"]\n[data]\n[train]\n[[model.stage]]\n"
          "embedding = { type = \"patch\", size = 2 }\ndim = 8\ndepth = 1\nblock = \"serial\"\n"
          "token_mixer = \"" +
              mixer + "\"\n");
  }

  void take(const fs::path& library) {
    fs::copy_file(library, scene_.path("mine/mine.lib"), fs::copy_options::overwrite_existing);
  }

  static fs::path good() {
    return fs::path(MIXWRIGHT_BUILD_DIR) / "tests/boundary/libraries/libgood.so";
  }

  test::ProgramResult once(std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"dev", "mine", "--once", "--steps", "4"};
    words.insert(words.end(), more.begin(), more.end());
    return scene_.run(words);
  }

  /// Waits until the program that writes to `log` has shown so many rounds.
  bool wait_for_rounds(pid_t process, const std::string& log, size_t count) const {
    return wait_until(process, [&] {
      const std::string text = scene_.bytes(".", log);
      size_t found = 0;
      for (size_t at = 0; (at = text.find(" together:", at)) != std::string::npos; ++at) ++found;
      return found >= count && text.ends_with("\n\n");
    });
  }

  TrainingScene scene_;
};

TEST_F(DevTest, ShowsWhatAGoodPluginDoes) {
  take(good());
  const auto result = once();
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("all well\n"),
                    HasSubstr("plugin    boundary_good 1.2.3 (SHA-256 "),
                    ContainsRegex("build [0-9.]+ s, check [0-9.]+ s, model"),
                    HasSubstr(" passed, 0 failed, "),
                    ContainsRegex("model     [0-9,]+ parameters, [0-9,]+ multiply"),
                    HasSubstr("stages.0.blocks.0.token_mixer (boundary_scale) -> [4, 4, 8], 0 "),
                    ContainsRegex("training  4 steps, loss [0-9.]+ -> [0-9.]+, [0-9.]+ ms")));
  EXPECT_THAT(result.out, Not(HasSubstr("\x1b"))) << "no terminal, no redrawing";
}

TEST_F(DevTest, ThePluginFindsTheFilesBesideIt) {
  take(fs::path(MIXWRIGHT_BUILD_DIR) / "tests/boundary/libraries/libown_file.so");
  config("boundary_factor");
  const auto without = once();
  EXPECT_EQ(without.exit_code, 1);
  EXPECT_THAT(without.out, HasSubstr("own_file.txt cannot be read"));
  write("CMakeLists.txt",
        std::string(kCopies) + "file(WRITE \"${CMAKE_BINARY_DIR}/own_file.txt\" \"2\")\n");
  const auto with = once();
  EXPECT_EQ(with.exit_code, 0) << with.out << with.err;
  EXPECT_THAT(with.out, HasSubstr("all well\n"));
}

TEST_F(DevTest, ShowsWhatTheCompilerSays) {
  write("CMakeLists.txt", kCompiles);
  write("mine.cpp", "int twice(int x) {\n  return x + y;\n}\n");
  const auto result = once();
  EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("does not build:\nmine.cpp:2:14: error: "),
                    HasSubstr("return x + y;"),
                    Not(HasSubstr("checks"))));
}

TEST_F(DevTest, ShowsWhichChecksFail) {
  take(traps());
  config("hidden_state");
  const auto result = once();
  EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("fails the conformance suite"),
                    HasSubstr("token_mixer hidden_state: "),
                    HasSubstr("training  4 steps")));
}

TEST_F(DevTest, ShowsWhatIsRefusedAndWhatDoesNotTrain) {
  write("mine.lib", "no library\n");
  const auto refused = once();
  EXPECT_EQ(refused.exit_code, 1) << refused.err;
  EXPECT_THAT(refused.out, AllOf(HasSubstr("is refused:\n"), HasSubstr("is not a shared library")));

  take(good());
  config("boundary_scal");
  const auto unknown = once();
  EXPECT_EQ(unknown.exit_code, 1) << unknown.err;
  EXPECT_THAT(unknown.out,
              AllOf(HasSubstr("makes no model:\n"),
                    HasSubstr("train.toml:9:"),
                    HasSubstr("did you mean \"boundary_scale\"?"),
                    HasSubstr(" passed, 0 failed")));
}

TEST_F(DevTest, RefusesWhatIsNoProject) {
  fs::remove(scene_.path("mine/CMakeLists.txt"));
  const auto folder = once();
  EXPECT_EQ(folder.exit_code, 2);
  EXPECT_THAT(folder.err, HasSubstr("mine: has no CMakeLists.txt"));
  write("CMakeLists.txt", kCopies);
  const auto config = once({"none.toml"});
  EXPECT_EQ(config.exit_code, 2);
  EXPECT_THAT(config.err, HasSubstr("none.toml: no such file"));
}

TEST_F(DevTest, BeginsAnewAtEverySaveAndEndsByAKey) {
  fs::remove(scene_.path("mine/train.toml"));
  write("mine.lib", "no library\n");
  const pid_t process = scene_.launch({"dev", "mine"}, "dev.log");
  ASSERT_TRUE(wait_for_rounds(process, "dev.log", 1)) << scene_.bytes(".", "dev.log");
  // As editors do it: a new file takes the name.
  fs::copy_file(good(), scene_.path("new.lib"));
  fs::rename(scene_.path("new.lib"), scene_.path("mine/mine.lib"));
  ASSERT_TRUE(wait_for_rounds(process, "dev.log", 2)) << scene_.bytes(".", "dev.log");
  ::kill(process, SIGINT);
  const int status = wait_for_end(process);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_THAT(scene_.bytes(".", "dev.log"),
              AllOf(HasSubstr("is refused:\n"),
                    HasSubstr("all well after the save of mine.lib\n"),
                    HasSubstr("nothing is trained: no .toml in the folder")));
}

}  // namespace
}  // namespace mixwright::e2e
