#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "framework/dev/build_messages.h"
#include "framework/dev/jobs.h"
#include "framework/dev/project.h"
#include "framework/dev/round_files.h"
#include "framework/dev/round_text.h"
#include "framework/dev/screen.h"
#include "tests/support/folder.h"

namespace mixwright::dev {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(BuildMessagesTest, KeepsErrorsWithTheirExcerpts) {
  const std::string output =
      "[1/2] Building CXX object a.o\n"
      "FAILED: a.o\n"
      "/usr/bin/clang++-19 -c /home/p/a.cpp\n"
      "/home/p/a.cpp:3:10: \x1b[0;1;31merror: \x1b[0muse of undeclared identifier 'y'\r\n"
      "    3 |   return y;\n"
      "      |          ^\n"
      "1 error generated.\n"
      "ninja: build stopped: subcommand failed.\n";
  EXPECT_THAT(build_errors(output, "/home/p"),
              ElementsAre("a.cpp:3:10: error: use of undeclared identifier 'y'",
                          "    3 |   return y;",
                          "      |          ^"));
}

TEST(BuildMessagesTest, TellsTheSameErrorOnce) {
  const std::string error = "/p/a.h:1:1: fatal error: 'b.h' file not found\n    1 | #include\n";
  EXPECT_THAT(build_errors(error + "1 error generated.\n" + error, "/p"),
              ElementsAre("a.h:1:1: fatal error: 'b.h' file not found", "    1 | #include"));
}

TEST(BuildMessagesTest, KeepsTheLinkersAndCMakesErrors) {
  EXPECT_THAT(build_errors("ld.lld: error: undefined symbol: f()\n"
                           ">>> referenced by a.cpp\n"
                           "clang++-19: error: linker command failed with exit code 1\n",
                           "/p"),
              ElementsAre("ld.lld: error: undefined symbol: f()", ">>> referenced by a.cpp"));
  EXPECT_THAT(
      build_errors("-- The CXX compiler\nCMake Error at CMakeLists.txt:3 (find_package):\n"
                   "  Could not find Mixwright\n\n-- Configuring incomplete\n",
                   "/p"),
      ElementsAre("CMake Error at CMakeLists.txt:3 (find_package):", "  Could not find Mixwright"));
}

TEST(BuildMessagesTest, GivesTheLastLinesOfWhatItDoesNotUnderstand) {
  EXPECT_THAT(build_errors("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "/p"), SizeIs(8));
  EXPECT_THAT(build_errors("", "/p"), IsEmpty());
}

TEST(JobsTest, RunsLanesAndStopsOneAtItsFirstFailure) {
  const test::TestFolder folder("mixwright-jobs");
  const auto job = [&](const std::string& name, const std::string& script) {
    return Job{"sh", {"-c", script}, folder / name, folder / (name + ".errors")};
  };
  const std::vector<JobResult> results =
      run_jobs({{job("a", "echo said; echo wrong >&2"), job("b", "exit 3"), job("c", "true")},
                {job("d", "true")}},
               [] { return false; });
  ASSERT_THAT(results, SizeIs(4));
  EXPECT_TRUE(results[0].succeeded());
  EXPECT_EQ(results[1].code, 3);
  EXPECT_FALSE(results[2].was_run());
  EXPECT_TRUE(results[3].succeeded());
  EXPECT_EQ(std::filesystem::file_size(folder / "a"), 5U);
  EXPECT_EQ(std::filesystem::file_size(folder / "a.errors"), 6U);
}

TEST(JobsTest, EndsWhatRunsWhereItIsInterrupted) {
  const test::TestFolder folder("mixwright-jobs");
  const std::filesystem::path started = folder / "started";
  // The shell waits for what it has started, which must be told to end as well.
  const Job job{
      "sh",
      {"-c", "trap : TERM; sleep 60 & echo > " + started.string() + "; until wait; do :; done"},
      folder / "out",
      {}};
  const auto began = std::chrono::steady_clock::now();
  EXPECT_THAT(run_jobs({{job}}, [&] { return std::filesystem::exists(started); }), IsEmpty());
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(50));
}

TEST(ProjectTest, FindsWhatTrains) {
  const test::TestFolder folder("mixwright-project");
  EXPECT_EQ(training_config_in(folder.path()), "");
  test::write_file(folder / "a.toml", "[model]\nhead = 1\n");
  test::write_file(folder / "configs/a.toml", "[data]\n[train]\n");
  EXPECT_EQ(training_config_in(folder.path()), folder / "configs/a.toml");
  test::write_file(folder / "c.toml", "[data]\n[train]\n");
  EXPECT_EQ(training_config_in(folder.path()), folder / "c.toml");
  test::write_file(folder / "b.toml", "[data]\n[train\n");
  EXPECT_EQ(training_config_in(folder.path()), folder / "b.toml") << "whose mistake is to be shown";
}

TEST(ProjectTest, ConfiguresAgainstThisInstallation) {
  const test::TestFolder folder("mixwright-project");
  EXPECT_THROW(Project::open(folder.path(), "", folder / "prefix"), UsageError);
  test::write_file(folder / "CMakeLists.txt", "");
  test::write_file(folder / "prefix/lib/cmake/Mixwright/MixwrightConfig.cmake", "");
  const Project project = Project::open(folder.path(), "", folder / "prefix");
  const Lane configure = project.configure(folder / "out");
  ASSERT_THAT(configure, SizeIs(1));
  EXPECT_THAT(
      configure[0].arguments,
      testing::Contains("-DMixwright_DIR=" + (folder / "prefix/lib/cmake/Mixwright").string()));
  EXPECT_EQ(project.configure_hint(), "");
  EXPECT_THAT(Project::open(folder.path(), "", folder / "other").configure_hint(),
              HasSubstr("cmake --install " + (folder / "other").string()));
  EXPECT_THROW(static_cast<void>(project.libraries()), Error);
  test::write_file(folder / "build/mixwright_plugins.txt", "/a/liba.so\n/b/libb.so\n");
  EXPECT_THAT(project.libraries(), ElementsAre("/a/liba.so", "/b/libb.so"));
}

TEST(ProjectTest, BuildsAPluginOfItsOwnTreeThere) {
  const test::TestFolder folder("mixwright-project");
  test::write_file(folder / "source/plugins/mine/CMakeLists.txt", "");
  test::write_file(folder / "build/CMakeCache.txt",
                   "Mixwright_SOURCE_DIR:STATIC=" + (folder / "source").string() + "\n");
  const Project project = Project::open(folder / "source/plugins/mine", "", folder / "build");
  EXPECT_THAT(project.configure(folder / "out"), IsEmpty());
  EXPECT_THAT(project.build(folder / "out")[0].arguments,
              ElementsAre("--build", (folder / "build").string(), "--target", "plugin_mine"));
  EXPECT_THAT(project.libraries(), ElementsAre(folder / "build/lib/mixwright/plugins/libmine.so"));
}

TEST(RoundFilesTest, ReadsReports) {
  const auto report =
      checks_in(R"({"components": [{"kind": "token_mixer", "component": "mine:shift", "checks": [
      {"name": "shape", "outcome": "passed", "detail": ""},
      {"name": "bf16", "outcome": "skipped", "detail": "why"},
      {"name": "gradient", "outcome": "failed", "detail": "off by 2\nmore"}]}]})");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->counts.passed, 1);
  EXPECT_EQ(report->counts.skipped, 1);
  EXPECT_THAT(report->failures, ElementsAre("token_mixer mine:shift: gradient: off by 2"));
  EXPECT_FALSE(checks_in("{\"components\": [{\"kind\": 3}]}"));
  EXPECT_FALSE(checks_in(""));
}

TEST(RoundFilesTest, ReadsWhatThePluginMade) {
  BuiltPlugin built;
  built.copy = "/tmp/1/libmine-0123abcd.so";
  const auto model = model_in(R"({"parameters": 10, "macs": 20, "parts": [
      {"path": "a", "component": "shift, libmine-0123abcd.so", "out_shape": "[4]",
       "parameters": 1, "macs": 2},
      {"path": "b", "component": "mlp, libother.so", "out_shape": "", "parameters": 0,
       "macs": 0}]})",
                              {built});
  ASSERT_TRUE(model);
  EXPECT_EQ(model->macs, 20);
  ASSERT_THAT(model->parts, SizeIs(1));
  EXPECT_EQ(model->parts[0].component, "shift");
  EXPECT_FALSE(model_in("{}", {built}));
}

TEST(RoundFilesTest, ReadsTheStepsOfARun) {
  const test::TestFolder folder("mixwright-steps");
  EXPECT_FALSE(steps_in(folder.path()));
  test::write_file(folder / "config.toml", "[train]\nbatch_size = 8\naccumulate = 2\n");
  test::write_file(
      folder / "metrics.jsonl",
      "{\"kind\": \"train\", \"step\": 1, \"loss\": 2.5, \"samples_per_second\": 1}\n"
      "{\"kind\": \"train\", \"step\": 2, \"loss\": 2.25, \"samples_per_second\": 160}\n"
      "{\"kind\": \"validation\", \"step\": 2}\n"
      "{\"kind\": \"train\", \"step\": 3, \"loss\": \"nan\", \"samples_per_second\": 320}\n");
  const auto steps = steps_in(folder.path());
  ASSERT_TRUE(steps);
  EXPECT_EQ(steps->steps, 3);
  EXPECT_EQ(steps->first_loss, "2.5");
  EXPECT_EQ(steps->last_loss, "nan");
  EXPECT_DOUBLE_EQ(steps->seconds, 0.1);
}

TEST(RoundTextTest, ShowsEverythingOnALine) {
  RoundResult result;
  result.times.build = 2.94;
  result.times.check = 1.51;
  result.times.together = 5.01;
  result.checks = CheckCounts{12, 0, 3};
  result.model = ModelCounts{1234, 5678, {{"a", "shift", "[4, 8]", 10, 20}}};
  result.training = StepCounts{10, "2.3", "1.9", 0.0421};
  EXPECT_THAT(round_lines(result, {"a.cpp", "b.h"}),
              ElementsAre("all well after the save of a.cpp, b.h",
                          "times     5.0 s together: build 2.9 s, check 1.5 s",
                          "checks    12 passed, 0 failed, 3 skipped",
                          "model     1,234 parameters, 5,678 multiply-accumulates for a sample",
                          "          a (shift) -> [4, 8], 10 parameters, 20",
                          "training  10 steps, loss 2.3 -> 1.9, 42.1 ms for a step"));
  result.problems = {{"does not build", {"a.cpp:1:1: error: no"}}};
  EXPECT_THAT(round_lines(result, {}),
              AllOf(testing::Contains("does not build"),
                    testing::Contains("does not build:"),
                    testing::Contains("a.cpp:1:1: error: no")));
}

TEST(ScreenTest, ShowsWhatFits) {
  const std::vector<std::string> lines = {"short", "a line that is too long", "größer", "4", "5"};
  EXPECT_EQ(Screen::fitted(lines, {100, 6}), lines);
  EXPECT_THAT(Screen::fitted(lines, {6, 5}), ElementsAre("short", "a lin…", "größer", "… 2 m…"));
}

}  // namespace
}  // namespace mixwright::dev
