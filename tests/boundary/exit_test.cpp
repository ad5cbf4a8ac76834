// The end of the program: plugins' threads may still run, and what was printed must have arrived.

#include <csignal>

#include <gmock/gmock.h>

#include <mixwright/stamp.h>

#include "tests/boundary/scene.h"

namespace mixwright::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class ProgramExit : public Scene {};

TEST_F(ProgramExit, IsCleanWhileAPluginsThreadRuns) {
  put("side_effects");
  const std::string config = config_with("boundary_restless").string();
  for (int attempt = 0; attempt < 5; ++attempt) {
    const ProgramResult result = run_with_plugins({"model", "summary", config});
    ASSERT_EQ(result.signal, 0) << "attempt " << attempt;
    ASSERT_EQ(result.exit_code, 0) << result.err;
    ASSERT_THAT(result.out, HasSubstr("boundary_restless"));
  }
}

TEST_F(ProgramExit, CrashNamesThePlugin) {
  if (stamp::kSanitizer != "none") GTEST_SKIP() << "sanitizers report crashes themselves";
  const std::string file = put("throws").string();
  const ProgramResult result =
      run_with_plugins({"model", "summary", config_with("forward_crash").string()});
  EXPECT_EQ(result.signal, SIGABRT);
  EXPECT_THAT(result.err, HasSubstr("crashed: abort in or below plugin " + file));
}

TEST_F(ProgramExit, LostOutputIsAFailure) {
  const std::string program = MIXWRIGHT_BUILD_DIR "/bin/mixwright";
  const ProgramResult result =
      run_program("/bin/sh", {"-c", "'" + program + "' plugins paths > /dev/full"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("standard output could not be written"));
}

}  // namespace
}  // namespace mixwright::test
