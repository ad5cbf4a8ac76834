#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/training_scene.h"

namespace mixwright::e2e {
namespace {

using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr const char* kGrid = R"(config = "tiny.toml"
name = "rates"
seeds = [1, 2]
set = { "train.epochs" = 1 }
[grid]
"train.optimizer.lr" = [1e-3, 1e-2]
)";

class SweepTest : public testing::Test {
 protected:
  void write(const std::string& text) { test::write_file(scene_.path("sweep.toml"), text); }

  test::ProgramResult sweep(std::vector<std::string> more = {}, const std::string& out = "out") {
    std::vector<std::string> words = {"sweep", "sweep.toml", "--out", out};
    words.insert(words.end(), more.begin(), more.end());
    return scene_.run(words);
  }

  std::vector<nlohmann::json> lines(const std::string& file) const {
    std::ifstream in(scene_.path(file));
    std::vector<nlohmann::json> found;
    for (std::string line; std::getline(in, line);) found.push_back(nlohmann::json::parse(line));
    return found;
  }

  /// How often each row was begun anew, or gone on with.
  std::map<std::string, int> count(const std::string& event, const std::string& out = "out") const {
    std::map<std::string, int> counts;
    for (const auto& line : lines(out + "/journal.jsonl")) {
      if (line.at("event") == event) ++counts[line.at("row")];
    }
    return counts;
  }

  /// table.md without its last column, which the clock decides.
  std::string table(const std::string& out) const {
    std::ifstream in(scene_.path(out + "/table.md"));
    std::string text;
    for (std::string line; std::getline(in, line);) {
      text += line.substr(0, line.rfind('|', line.size() - 2)) + "\n";
    }
    return text;
  }

  /// results.jsonl without what depends on the clock.
  std::vector<nlohmann::json> results(const std::string& out) const {
    std::vector<nlohmann::json> found = lines(out + "/results.jsonl");
    for (nlohmann::json& line : found) {
      line.erase("seconds");
      line.erase("latency_ms");
    }
    return found;
  }

  bool wait_for(const std::string& file) const {
    for (int i = 0; i < 12000; ++i) {
      if (std::filesystem::exists(scene_.path(file))) return true;
      ::poll(nullptr, 0, 5);  // milliseconds
    }
    return false;
  }

  TrainingScene scene_;
};

TEST_F(SweepTest, TrainsEachRowOnceAndShowsWhatTheyCameTo) {
  write(kGrid);
  const auto first = sweep();
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.out, AllOf(HasSubstr("4 of 4 rows finished"), HasSubstr("test accuracy")));
  EXPECT_THAT(results("out"), SizeIs(4));
  EXPECT_EQ(results("out")[2].at("settings").at("lr"), "0.01");
  for (const char* file : {"table.md", "comparison.png", "curves.svg", "logs/lr=0.01,seed=2.log"}) {
    EXPECT_TRUE(std::filesystem::exists(scene_.path("out") / file)) << file;
  }
  const auto before = lines("out/journal.jsonl");
  const auto second = sweep();
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_EQ(second.out, first.out);
  EXPECT_EQ(lines("out/journal.jsonl"), before) << "something was trained again";
}

TEST_F(SweepTest, ResultsAreKeptForGood) {
  write(std::string(kGrid).insert(0, "results = \"kept/rates.jsonl\"\nlatency = true\n") +
        "[quick]\nseeds = [1]\nset = { \"data.limit_train\" = 64 }\n");
  ASSERT_EQ(sweep({"--quick"}, "quick").exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(scene_.path("kept")));
  EXPECT_THAT(results("quick"), SizeIs(2));
  ASSERT_EQ(sweep({"--quick", "--results", "asked.jsonl"}, "quick").exit_code, 0);
  EXPECT_THAT(lines("asked.jsonl"), SizeIs(2));

  ASSERT_EQ(sweep().exit_code, 0);
  const auto kept = lines("kept/rates.jsonl");
  EXPECT_EQ(kept, lines("out/results.jsonl"));
  const auto& line = kept.front();
  EXPECT_GT(line.at("parameters"), 1000);
  EXPECT_GT(line.at("macs"), 1000);
  EXPECT_EQ(line.at("precision"), "float32");
  EXPECT_TRUE(line.at("processor").is_string());
  EXPECT_EQ(line.at("test_metrics").at("accuracy"), line.at("test"));

  const auto nothing = sweep({"--no-training"}, "again");
  EXPECT_EQ(nothing.exit_code, 0) << nothing.err;
  EXPECT_THAT(nothing.out, HasSubstr("0 of 4 rows finished"));
  EXPECT_FALSE(std::filesystem::exists(scene_.path("again/lr=0.01,seed=1")));
  ASSERT_EQ(sweep({}, "again").exit_code, 0);
  EXPECT_GT(line.at("latency_ms").at("median"), 0);
  const auto compared = scene_.run({"compare", "kept/rates.jsonl", "--against", "0.01"});
  EXPECT_EQ(compared.exit_code, 0) << compared.err;
  EXPECT_THAT(compared.out, AllOf(HasSubstr("test, less that of 0.01"), HasSubstr("latency, ms")));
  const auto drawn =
      scene_.run({"plot", "kept/rates.jsonl", "--x", "lr", "--log-x", "--out", "pictures"});
  EXPECT_EQ(drawn.exit_code, 0) << drawn.err;
  EXPECT_TRUE(std::filesystem::exists(scene_.path("pictures/rates.svg")));
  EXPECT_THAT(scene_.run({"plot", "kept/rates.jsonl"}).err, HasSubstr("--x is missing"));
  EXPECT_THAT(scene_.run({"plot", "sweep.toml"}).err, HasSubstr("[[figure]] expected"));
  EXPECT_EQ(line.at("latency_ms"), kept[1].at("latency_ms")) << "one for all seeds";
  EXPECT_EQ(results("again"), results("out")) << "a row trained anew has other numbers";
  EXPECT_EQ(lines("kept/rates.jsonl"), lines("again/results.jsonl"));
}

TEST_F(SweepTest, KilledItGoesOnAndComesToTheSame) {
  write(kGrid);
  ASSERT_EQ(sweep({}, "whole").exit_code, 0);
  const pid_t process = scene_.launch({"sweep", "sweep.toml", "--out", "out"}, "killed.log");
  ASSERT_TRUE(wait_for("out/lr=0.001,seed=2/metrics.jsonl"));
  ::kill(process, SIGKILL);
  wait_for_end(process);
  const auto rest = sweep();
  ASSERT_EQ(rest.exit_code, 0) << rest.err;
  EXPECT_EQ(count("started").at("lr=0.001,seed=1"), 1);
  EXPECT_EQ(count("resumed").count("lr=0.001,seed=1"), 0U) << "a finished row was trained again";
  EXPECT_EQ(results("out"), results("whole"));
  EXPECT_EQ(table("out"), table("whole"));
}

TEST_F(SweepTest, SigtermStopsItWithACheckpoint) {
  write(kGrid);
  const pid_t process =
      scene_.launch({"sweep", "sweep.toml", "--out", "out", "--set", "train.epochs=40"}, "log");
  ASSERT_TRUE(scene_.wait_for_lines("out/lr=0.001,seed=1", 3));
  ::kill(process, SIGTERM);
  const int status = wait_for_end(process);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 143);
  EXPECT_TRUE(std::filesystem::exists(scene_.path("out/lr=0.001,seed=1/last/state.toml")));
  EXPECT_EQ(count("stopped").at("lr=0.001,seed=1"), 1);
}

TEST_F(SweepTest, SeveralAtATimeComeToTheSame) {
  write(kGrid);
  ASSERT_EQ(sweep().exit_code, 0);
  const auto two = sweep({"--jobs", "2", "--json"}, "two");
  ASSERT_EQ(two.exit_code, 0) << two.err;
  EXPECT_EQ(nlohmann::json::parse(two.out).at("rows"), 4);
  for (const auto& line : results("two")) {
    const auto& alone = results("out");
    const auto same = std::find_if(alone.begin(), alone.end(), [&](const auto& other) {
      return other.at("row") == line.at("row");
    });
    ASSERT_NE(same, alone.end());
    // The number of threads changes the order of sums.
    EXPECT_NEAR(line.at("best").get<double>(), same->at("best").get<double>(), 0.05);
  }
}

TEST_F(SweepTest, AFailedRowIsShownAtOnceAndTriedAgain) {
  write(R"(config = "tiny.toml"
seeds = [1]
set = { "train.epochs" = 1 }
[[row]]
name = "broken"
set = { "train.start" = { from = "earlier" } }
[[row]]
name = "whole"
)");
  const auto fast = sweep({"--fail-fast"}, "fast");
  EXPECT_EQ(fast.exit_code, 1);
  EXPECT_THAT(fast.err, HasSubstr("broken,seed=1 failed"));
  EXPECT_FALSE(std::filesystem::exists(scene_.path("fast/whole,seed=1")));
  const auto slow = sweep();
  EXPECT_EQ(slow.exit_code, 1);
  EXPECT_THAT(slow.err, AllOf(HasSubstr("earlier"), HasSubstr("logs/broken,seed=1.log")));
  EXPECT_THAT(slow.out, HasSubstr("1 of 2 rows finished"));
  ASSERT_EQ(scene_.train("earlier", {"--set", "train.epochs=1"}).exit_code, 0);
  const auto mended = sweep();
  EXPECT_EQ(mended.exit_code, 0) << mended.err;
  EXPECT_EQ(count("started").at("whole,seed=1"), 1);
}

TEST_F(SweepTest, EverythingIsCheckedBeforeAnythingIsTrained) {
  write(R"(config = "tiny.toml"
[grid]
"model.stage[0].token_mixer" = ["mlp", "no_such_mixer"]
"model.stage[0].embedding.size" = [2, 9]
)");
  const auto result = sweep();
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("token_mixer=no_such_mixer,size=2,seed=0: "));
  EXPECT_THAT(result.err, HasSubstr("token_mixer=mlp,size=9,seed=0: "));
  EXPECT_THAT(result.err, Not(HasSubstr("token_mixer=mlp,size=2")));
  EXPECT_FALSE(std::filesystem::exists(scene_.path("out")));
}

TEST_F(SweepTest, RowsOfOtherSettingsAreNotMixed) {
  write(kGrid);
  ASSERT_EQ(sweep().exit_code, 0);
  const auto other = sweep({"--set", "train.batch_size=8"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("was begun with train.batch_size = 16, now it is 8"));
  const auto listed = sweep({"--dry-run"});
  EXPECT_EQ(listed.exit_code, 0);
  EXPECT_THAT(listed.out, HasSubstr("finished"));
}

}  // namespace
}  // namespace mixwright::e2e
