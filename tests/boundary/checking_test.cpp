// `plugins check` of plugins that end the process or never end: the program lives, and says where.

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <mixwright/stamp.h>

#include "tests/boundary/scene.h"

namespace mixwright::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class Checking : public Scene {
 protected:
  void SetUp() override {
    Scene::SetUp();
    if (stamp::kSanitizer != "none") GTEST_SKIP() << "sanitizers report crashes themselves";
  }
  ProgramResult check(const std::string& library, std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"plugins", "check", "--quick", put(library).string()};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
};

TEST_F(Checking, CrashesAndLoopsAreFailuresOfTheirComponent) {
  const ProgramResult result = check("crashes", {"--timeout", "4"});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_EQ(result.signal, 0);
  EXPECT_EQ(result.err, "");
  const std::string file = (folder_ / "libcrashes.so").string();
  EXPECT_THAT(result.out,
              HasSubstr("FAILED   shape as promised: crashed: bad memory access in or below "
                        "plugin " +
                        file + "\n"));
  EXPECT_THAT(result.out,
              HasSubstr("FAILED   shape as promised: ended the process with exit code 0"));
  EXPECT_THAT(result.out, HasSubstr("FAILED   shape as promised: did not end within 4 s"));
  EXPECT_THAT(result.out, HasSubstr("the planted exception of a gradient"));
  EXPECT_THAT(result.out, HasSubstr("6 components: "));
  // Those around them were checked whole, all the same.
  for (const char* good : {"good_before", "good_behind"}) {
    EXPECT_THAT(result.out,
                ::testing::ContainsRegex("token_mixer " + std::string(good) + " +29 +0 +0 "));
  }
}

TEST_F(Checking, JsonHoldsFactsAndEveryCheck) {
  const ProgramResult result = check("good", {"--json"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json["plugin"]["name"], "boundary_good");
  EXPECT_EQ(json["plugin"]["sdk_abi"], MIXWRIGHT_SDK_ABI);
  EXPECT_THAT(json["plugin"]["needs_glibc"].get<std::string>(), ::testing::StartsWith("2."));
  EXPECT_THAT(json["plugin"]["needs_libstdcxx"].get<std::string>(),
              ::testing::StartsWith("GLIBCXX_3.4"));
  EXPECT_EQ(json["tier"], "quick");
  EXPECT_EQ(json["failed"], 0);
  EXPECT_EQ(json["skipped"], 1);
  ASSERT_EQ(json["components"].size(), 2u);
  EXPECT_EQ(json["components"][0]["kind"], "plugin");
  EXPECT_EQ(json["components"][1]["component"], "boundary_scale");
  const auto& checks = json["components"][1]["checks"];
  EXPECT_EQ(checks.size(), 29u);
  const auto skipped = std::find_if(
      checks.begin(), checks.end(), [](const auto& one) { return one["outcome"] == "skipped"; });
  ASSERT_NE(skipped, checks.end());
  EXPECT_EQ((*skipped)["name"], "odd size [3, 5, 4]");
  EXPECT_EQ((*skipped)["detail"], "the component declares no grid of rank 3");
  EXPECT_TRUE(checks[0]["seconds"].is_number());
}

TEST_F(Checking, ExitWhileLoadingIsAFailure) {
  const ProgramResult result = check("static_exit");
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.out, HasSubstr("FAILED   loads: ended the process with exit code 0"));
  EXPECT_THAT(result.out, Not(HasSubstr("ok ")));
}

TEST_F(Checking, AbortWhileLoadingIsAFailure) {
  const ProgramResult result = check("static_abort");
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.out, HasSubstr("FAILED   loads: crashed: abort"));
}

TEST_F(Checking, ExceptionWhileLoadingIsARefusal) {
  const std::string file = put("static_throw").string();
  const std::vector<std::string> words = {
      file +
      ": cannot be loaded: one of its static constructors threw: the planted static exception"};
  expect_refusal(run({"plugins", "check", "--json", file}), 2, words);
  expect_refusal(run({"plugins", "describe", "boundary_static"}), 2, words);
}

TEST_F(Checking, TimeoutMustBeATime) {
  const std::string file = put("good").string();
  expect_refusal(
      run({"plugins", "check", file, "--timeout", "0"}), 2, {"--timeout 0", "1 or more"});
}

}  // namespace
}  // namespace mixwright::test
