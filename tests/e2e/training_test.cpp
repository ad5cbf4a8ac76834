#include <signal.h>
#include <sys/wait.h>

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/training_scene.h"

namespace mixwright::e2e {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kModel = "last/model.safetensors";
constexpr const char* kOptimizer = "last/optimizer.safetensors";

TEST(TrainingTest, LearnsAndLeavesAWholeRun) {
  TrainingScene scene;
  const auto result = scene.train("a");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("Accuracy per class"));
  EXPECT_THAT(result.out, HasSubstr("diagonal"));
  EXPECT_THAT(result.out, HasSubstr("test, best checkpoint"));
  EXPECT_THAT(result.out, HasSubstr("Confusion matrix: rows are the true class"));
  EXPECT_THAT(result.out, HasSubstr("plots/confusion.png"));
  EXPECT_THAT(result.err + result.out, Not(HasSubstr("\r"))) << "no terminal, no redrawing";
  for (const char* file : {"config.toml",
                           "environment.json",
                           "metrics.jsonl",
                           kModel,
                           kOptimizer,
                           "last/state.toml",
                           "best/model.safetensors",
                           "plots/curves.png",
                           "plots/curves.svg",
                           "plots/confusion.png",
                           "plots/confusion.svg"}) {
    EXPECT_TRUE(fs::exists(scene.path("a") / file)) << file;
  }
  const auto lines = scene.metrics("a");
  EXPECT_EQ(lines.front().at("kind"), "train");
  EXPECT_LT(lines[lines.size() - 2].at("loss").get<double>(),
            0.6 * lines.front().at("loss").get<double>());
  EXPECT_GT(lines.back().at("accuracy").get<double>(), 0.6);
  const auto sessions = nlohmann::json::parse(scene.bytes("a", "environment.json")).at("sessions");
  ASSERT_EQ(sessions.size(), 1U);
  EXPECT_EQ(sessions[0].at("seed"), 3);
  EXPECT_EQ(sessions[0].at("command_line")[1], "train");
  EXPECT_EQ(sessions[0].at("plugins")[0].at("sha256").get<std::string>().size(), 64U);

  const auto evaluated = scene.run({"evaluate", "a", "--json"});
  ASSERT_EQ(evaluated.exit_code, 0) << evaluated.err;
  const auto json = nlohmann::json::parse(evaluated.out);
  EXPECT_EQ(json.at("samples"), 60);
  EXPECT_GT(json.at("metrics").at("accuracy").get<double>(), 0.6);
  EXPECT_EQ(json.at("plots").size(), 2U);
  EXPECT_EQ(scene.run({"evaluate", "a", "--split", "validation", "--checkpoint", "last"}).exit_code,
            0);
  EXPECT_TRUE(fs::exists(scene.path("a/plots/confusion-validation.png")));
  EXPECT_EQ(scene.run({"evaluate", "a", "--checkpoint", "step-1"}).exit_code, 2);

  const auto again = scene.train("a");
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_THAT(again.err, HasSubstr("--resume"));
  const auto finished = scene.train("a", {"--resume", "--json"});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(scene.metrics("a").size(), lines.size()) << "a finished run trains no further";

  EXPECT_EQ(scene.run({"plot", "a", "a", "--out", "both"}).exit_code, 0);
  EXPECT_TRUE(fs::exists(scene.path("both/comparison.svg")));
}

TEST(TrainingTest, ComparesRunsOfSeveralSeeds) {
  TrainingScene scene;
  const auto short_run = [&](const std::string& out, const std::string& set) {
    return scene.train(out, {"--set", "train.epochs=1", "--set", set}).exit_code;
  };
  ASSERT_EQ(short_run("a1", "seed=1"), 0);
  ASSERT_EQ(short_run("a2", "seed=2"), 0);
  ASSERT_EQ(short_run("b", "model.stage[0].token_mixer=identity"), 0);
  const auto text = scene.run({"compare", "a1", "a2", "b", "--out", "c.svg"});
  ASSERT_EQ(text.exit_code, 0) << text.err;
  EXPECT_EQ(text.err, "");
  EXPECT_THAT(text.out, testing::ContainsRegex("A +2 +[0-9.]+ ± [0-9.]+ %"));
  EXPECT_THAT(text.out, testing::ContainsRegex("B +1 +[0-9.]+ %  "));
  EXPECT_THAT(text.out, testing::ContainsRegex("token_mixer.type +\"mlp\" +\"identity\"\n\nRuns"));
  EXPECT_TRUE(fs::exists(scene.path("c.svg")));

  const auto json = nlohmann::json::parse(scene.run({"compare", "a1", "a2", "--json"}).out);
  ASSERT_EQ(json.at("groups").size(), 1U);
  const auto& group = json.at("groups")[0];
  EXPECT_GT(group.at("seconds").get<double>(), 0);
  EXPECT_EQ(group.at("last_step"), 23);
  EXPECT_TRUE(group.at("runs")[1].at("finished").get<bool>());
  const double one = group.at("runs")[0].at("last").get<double>();
  const double other = group.at("runs")[1].at("last").get<double>();
  EXPECT_NEAR(group.at("last").at("mean").get<double>(), (one + other) / 2, 1e-12);
  EXPECT_NEAR(group.at("last").at("half_interval").get<double>(),
              12.706204736 * std::abs(one - other) / 2,
              1e-6);
  const auto none = scene.run({"compare", "a1", "absent"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, HasSubstr("absent: has no config.toml"));
}

TEST(TrainingTest, WorkersAndThreadsOfTheLoaderChangeNothing) {
  TrainingScene scene;
  const std::vector<std::string> short_run = {"--set", "train.epochs=2", "--set"};
  for (const char* workers : {"0", "1", "4"}) {
    auto arguments = short_run;
    arguments.push_back(std::string("train.workers=") + workers);
    ASSERT_EQ(scene.train(std::string("w") + workers, arguments).exit_code, 0);
  }
  expect_same_run(scene, "w0", "w1");
  expect_same_run(scene, "w0", "w4");
}

TEST(TrainingTest, ResumesBitEqualAfterSignals) {
  TrainingScene scene;
  ASSERT_EQ(scene.train("whole").exit_code, 0);
  // 23 steps per epoch: lines 3, 8 and 14 lie within the first, second and third epoch.
  const pid_t first = scene.start("cut");
  ASSERT_TRUE(scene.wait_for_lines("cut", 3));
  ::kill(first, SIGTERM);
  int status = wait_for_end(first);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 128 + SIGTERM);
  const pid_t second = scene.start("cut", {"--resume"});
  ASSERT_TRUE(scene.wait_for_lines("cut", 14));
  ::kill(second, SIGINT);
  status = wait_for_end(second);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 128 + SIGINT);
  const auto rest = scene.run({"train", "cut", "--resume"});
  ASSERT_EQ(rest.exit_code, 0) << rest.err;
  expect_same_run(scene, "whole", "cut");
  EXPECT_EQ(nlohmann::json::parse(scene.bytes("cut", "environment.json")).at("sessions").size(),
            3U);
}

TEST(TrainingTest, ResumesBitEqualAfterBeingKilledAgainAndAgain) {
  TrainingScene scene;
  const std::vector<std::string> saving = {"--set", "train.checkpoint.every_steps=7"};
  ASSERT_EQ(scene.train("whole", saving).exit_code, 0);
  std::vector<std::string> arguments = saving;
  for (const size_t lines : {2U, 6U, 12U, 20U}) {
    const pid_t process = scene.start("cut", arguments);
    ASSERT_TRUE(scene.wait_for_lines("cut", lines));
    ::kill(process, SIGKILL);
    ASSERT_TRUE(WIFSIGNALED(wait_for_end(process)));
    arguments = saving;
    arguments.emplace_back("--resume");
  }
  const auto rest = scene.train("cut", arguments);
  ASSERT_EQ(rest.exit_code, 0) << rest.err;
  expect_same_run(scene, "whole", "cut");
}

TEST(TrainingTest, StopsWhereTheLossIsNotFinite) {
  TrainingScene scene;
  const auto result = scene.train("nan",
                                  {"--set",
                                   "train.optimizer.lr=1e30",
                                   "--set",
                                   "train.clip_norm=0",
                                   "--set",
                                   "train.checkpoint.every_steps=1"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, testing::ContainsRegex("(loss|gradient norm) is .* at step [0-9]+"));
  EXPECT_THAT(result.err, HasSubstr("the last good checkpoint is"));
  const auto lines = scene.metrics("nan");
  EXPECT_EQ(lines.back().at("kind"), "not_finite");
  EXPECT_EQ(scene.run({"evaluate", "nan", "--checkpoint", "last"}).exit_code, 0);
}

TEST(TrainingTest, RefusesToResumeSomethingElse) {
  TrainingScene scene;
  ASSERT_EQ(scene.train("a", {"--set", "train.epochs=1"}).exit_code, 0);
  const auto resume = [&](const std::string& set) {
    return scene.train("a", {"--resume", "--set", "train.epochs=1", "--set", set});
  };
  const auto wider = resume("model.stage[0].dim=24");
  EXPECT_EQ(wider.exit_code, 2);
  EXPECT_THAT(wider.err,
              HasSubstr("\"stages.0.embedding.proj.weight\" is [16, 1, 2, 2] there and "
                        "[24, 1, 2, 2] in this network"));
  const auto rate = resume("train.optimizer.lr=1e-3");
  EXPECT_EQ(rate.exit_code, 2);
  EXPECT_THAT(rate.err, HasSubstr("train.optimizer.lr was 0.01 and is now 0.001"));
  EXPECT_EQ(resume("train.workers=0").exit_code, 0) << "workers change no result";
  EXPECT_EQ(scene.train("none", {"--resume"}).exit_code, 2);
}

TEST(TrainingTest, BeginsWithTheWeightsOfAnotherRun) {
  TrainingScene scene;
  ASSERT_EQ(scene.train("first", {"--set", "train.ema={ decay = 0.9 }"}).exit_code, 0);
  const auto fine_tune = [&](const std::string& out, const std::string& from, const char* except) {
    return scene.train(out,
                       {"--set",
                        "train.epochs=1",
                        "--set",
                        "train.start={ from = \"" + scene.path(from).string() + "\", except = [" +
                            except + "] }"});
  };
  const auto tuned = fine_tune("tuned", "first", "\"head.{rest:*}\"");
  ASSERT_EQ(tuned.exit_code, 0) << tuned.err;
  EXPECT_THAT(tuned.err, HasSubstr("/ema.safetensors;"));
  EXPECT_THAT(tuned.err, HasSubstr("begin fresh: head.fc.weight, head.fc.bias"));
  const auto frozen =
      scene.train("frozen",
                  {"--set",
                   "train.epochs=1",
                   "--set",
                   "train.start.from=" + scene.path("first/last/model.safetensors").string(),
                   "--set",
                   "train.optimizer.groups=[{ match = \"stages.{rest:*}\", frozen = true }]"});
  ASSERT_EQ(frozen.exit_code, 0) << frozen.err;
  const auto wider = scene.train("wider",
                                 {"--set",
                                  "model.stage[0].dim=24",
                                  "--set",
                                  "train.start.from=" + scene.path("first").string()});
  EXPECT_EQ(wider.exit_code, 2);
  EXPECT_THAT(wider.err, HasSubstr("is [16, 1, 2, 2] there and [24, 1, 2, 2] in this network"));
  const auto typo = fine_tune("typo", "first", "\"haed.{rest:*}\"");
  EXPECT_EQ(typo.exit_code, 2);
  EXPECT_THAT(typo.err, HasSubstr("\"haed.{rest:*}\" matches no tensor"));
  EXPECT_FALSE(fs::exists(scene.path("typo")))
      << "nothing is made for a training that cannot begin";
}

TEST(TrainingTest, SecondTrainingInAFolderIsTurnedAway) {
  TrainingScene scene;
  const pid_t first = scene.start("a", {"--set", "train.epochs=2000"});
  ASSERT_TRUE(scene.wait_for_lines("a", 1));
  const auto second = scene.train("a", {"--resume", "--set", "train.epochs=2000"});
  EXPECT_EQ(second.exit_code, 2);
  EXPECT_THAT(second.err, HasSubstr("process " + std::to_string(first)));
  ::kill(first, SIGKILL);
  wait_for_end(first);
}

TEST(TrainingTest, SaysWhenTheFolderCannotBeMadeOrDataAreMissing) {
  TrainingScene scene;
  test::write_file(scene.path("file"), "x");
  const auto folder = scene.train("file/run");
  EXPECT_EQ(folder.exit_code, 2);
  EXPECT_THAT(folder.err, HasSubstr("cannot be made"));
  const auto data = scene.train("b", {"--set", "data.train.images=absent"});
  EXPECT_NE(data.exit_code, 0);
  EXPECT_THAT(data.err, HasSubstr("absent: cannot be opened: No such file or directory"));
  EXPECT_EQ(std::count(data.err.begin(), data.err.end(), '\n'), 1) << data.err;
  const auto device = scene.train("c", {"--set", "train.device=cuda:77"});
  EXPECT_EQ(device.exit_code, 2);
  EXPECT_FALSE(fs::exists(scene.path("c"))) << "nothing is made for a training that cannot begin";
}

TEST(TrainingTest, PlotsAreNotWorthATraining) {
  TrainingScene scene;
  test::ProgramOptions options;
  options.environment["PATH"] = "/nonexistent";
  const auto result = test::run_program(
      fs::path(MIXWRIGHT_BUILD_DIR) / "bin/mixwright",
      {"train", scene.config(), "--out", scene.path("a").string(), "--set", "train.epochs=1"},
      options);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("no plots were drawn: gnuplot is not installed"));
}

}  // namespace
}  // namespace mixwright::e2e
