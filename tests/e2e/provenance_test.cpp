// A run knows the plugins it was made with.

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/training_scene.h"

namespace mixwright::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kDifferent = "plugin e2e_traps has changed since this run used it: ";

TEST(ProvenanceTest, WarnsOfAPluginThatIsNotTheOneOfTheTraining) {
  TrainingScene scene;
  const std::filesystem::path library = scene.path("libtraps.so");
  std::filesystem::copy_file(traps(), library);
  const auto with_library = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--plugin-path", library.string()});
    return scene.run(words);
  };
  const std::vector<std::string> train = {"train", "tiny.toml", "--out", "a", "--stop-after", "2"};
  std::vector<std::string> begin = train;
  begin.insert(begin.end(), {"--set", "model.stage[0].token_mixer={type=\"hidden_state\"}"});
  const auto trained = with_library(begin);
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const auto sessions = nlohmann::json::parse(scene.bytes("a", "environment.json")).at("sessions");
  EXPECT_THAT(sessions[0].at("plugins").dump(), HasSubstr("\"e2e_traps\""));

  const auto same = with_library({"evaluate", "a"});
  EXPECT_EQ(same.exit_code, 0) << same.err;
  EXPECT_THAT(same.err, Not(HasSubstr("has changed")));

  std::ofstream(library, std::ios::binary | std::ios::app) << '\n';  // behind the ELF file's end
  const auto told = AllOf(HasSubstr(kDifferent),
                          HasSubstr(library.string()),
                          HasSubstr("SHA-256 "),
                          HasSubstr(", recorded "));
  const auto evaluated = with_library({"evaluate", "a"});
  EXPECT_EQ(evaluated.exit_code, 0) << evaluated.err;
  EXPECT_THAT(evaluated.err, AllOf(told, HasSubstr("results may differ")));
  const auto predicted = with_library({"predict", "a", "tiny.toml"});
  EXPECT_EQ(predicted.exit_code, 1) << "a config is no picture";
  EXPECT_THAT(predicted.err, told);

  const auto resumed = with_library({"train", "a", "--resume", "--stop-after", "4"});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_THAT(resumed.err, AllOf(told, HasSubstr("may not be bit-equal")));

  // What step 4 was trained with is what there is; step 2 was made with the other.
  EXPECT_THAT(with_library({"evaluate", "a", "--checkpoint", "last"}).err,
              Not(HasSubstr("has changed")));
  EXPECT_THAT(with_library({"evaluate", "a", "--checkpoint", "step-2"}).err, told);
}

}  // namespace
}  // namespace mixwright::e2e
