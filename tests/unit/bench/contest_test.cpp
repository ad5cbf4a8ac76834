#include "framework/bench/contest.h"

#include <fstream>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <mixwright/error.h>

#include "framework/bench/report.h"
#include "framework/io/safetensors.h"
#include "tests/support/error_text.h"
#include "tests/unit/bench/fake_side.h"

namespace mixwright::bench {
namespace {

using test_sides::fake;
using testing::ElementsAre;
using testing::HasSubstr;

class ContestTest : public testing::Test {
 protected:
  ContestTest() {
    write("ours", torch::tensor({{1.0F, -4.0F}}));
    contest_.network = "tiny";
    contest_.shape = {8, 6, 3};
    contest_.classes = 5;
    contest_.macs = 1000;
    contest_.batch = 2;
    contest_.rounds = 2;
    contest_.ours = fake("mixwright", folder_ / "ours", log());
  }

  void write(const std::string& file, const torch::Tensor& y) {
    io::write_safetensors(folder_ / file, {{"y", y}});
  }
  void add(const std::string& name, const std::string& answer) {
    contest_.peers.push_back(fake(name, folder_ / answer, log()));
  }
  std::vector<SideResult> hold() { return hold_contest(contest_, folder_.path()); }
  std::filesystem::path log() const { return folder_ / "turns"; }
  std::vector<std::string> turns() const {
    std::ifstream in(log());
    std::vector<std::string> names;
    for (std::string name; std::getline(in, name);) names.push_back(name);
    return names;
  }

  test::TestFolder folder_{"mixwright-bench"};
  Contest contest_;
};

TEST_F(ContestTest, SidesThatAgreeTakeTurnsOneAtATime) {
  write("near", torch::tensor({{1.0F, -4.0001F}}));
  add("a", "ours");
  add("b", "near");
  const auto results = hold();
  // The first turn finds out how many calls fill one.
  EXPECT_THAT(turns(), ElementsAre("mixwright", "mixwright", "a", "b", "a", "b", "mixwright"));
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[0].seconds, (std::vector<double>{0.25, 0.25}));
  EXPECT_EQ(results[1].difference, 0.0);
  EXPECT_NEAR(*results[2].difference, 2.5e-5, 1e-6);
  EXPECT_EQ(results[2].memory_mb, 7);
}

TEST_F(ContestTest, AWrongAnswerHasNoSpeed) {
  write("wrong", torch::tensor({{1.0F, -4.01F}}));
  write("nan", torch::tensor({{1.0F, std::numeric_limits<float>::quiet_NaN()}}));
  write("short", torch::tensor({{1.0F}}));
  add("wrong", "wrong");
  add("nan", "nan");
  add("short", "short");
  const auto results = hold();
  EXPECT_THAT(turns(), testing::Each("mixwright"));
  for (size_t i = 1; i < results.size(); ++i) {
    EXPECT_TRUE(results[i].wrong) << results[i].name;
    EXPECT_TRUE(results[i].seconds.empty()) << results[i].name;
    EXPECT_THAT(results[i].failure, HasSubstr("differs from ours"));
  }
  Report report;
  report.contests.push_back({contest_, results});
  EXPECT_TRUE(report.has_wrong_answer());
}

TEST_F(ContestTest, AnAnswerOfZerosProvesNothing) {
  write("ours", torch::zeros({1, 2}));
  add("a", "ours");
  EXPECT_TRUE(hold()[1].wrong);
}

TEST_F(ContestTest, APeerThatFailsIsListedWithItsReason) {
  contest_.peers.push_back({"broken", "sh", {"-c", "echo no such module >&2; exit 1"}, {}});
  add("a", "ours");
  const auto results = hold();
  EXPECT_EQ(results[1].failure, "ended with code 1: no such module");
  EXPECT_FALSE(results[1].wrong);
  EXPECT_TRUE(results[2].is_measured());
}

TEST_F(ContestTest, OurOwnFailureIsAnError) {
  contest_.ours.arguments = {"-c", "exit 4"};
  EXPECT_THAT(test::error_text([&] { hold(); }), HasSubstr("tiny: ended with code 4"));
}

TEST_F(ContestTest, TheReportSaysAllOfIt) {
  write("wrong", torch::tensor({{9.0F, -4.0F}}));
  add("a", "ours");
  add("wrong", "wrong");
  Report report;
  report.peak = {1e9, "baseline"};
  report.contests.push_back({contest_, hold()});
  const auto json = nlohmann::json::parse(report_json(report));
  const auto& sides = json.at("contests").at(0).at("sides");
  ASSERT_EQ(sides.size(), 3U);
  EXPECT_EQ(sides[0].at("milliseconds").at("median"), 250);
  EXPECT_EQ(sides[0].at("samples_per_second"), 8);
  EXPECT_DOUBLE_EQ(sides[0].at("gflops"), 2 * 1000 * 2 / 0.25 / 1e9);
  EXPECT_DOUBLE_EQ(sides[0].at("share_of_peak"), 1.6e-5);
  EXPECT_EQ(sides[1].at("ours_to_theirs").at("median"), 1);
  EXPECT_EQ(sides[1].at("ours_to_theirs").at("confidence"), 0.5);
  EXPECT_EQ(sides[2].at("wrong_answer"), true);
  EXPECT_FALSE(sides[2].contains("milliseconds"));
  EXPECT_THAT(result_table(report.contests[0], report.peak).rows[2],
              testing::Contains("-").Times(7));
}

TEST(Operations, OfTrainingAreThreeTimesThoseOfAnAnswer) {
  Contest contest;
  contest.macs = 10;
  contest.batch = 4;
  EXPECT_EQ(operations_of(contest), 80);
  contest.mode = Mode::kTraining;
  EXPECT_EQ(operations_of(contest), 240);
}

}  // namespace
}  // namespace mixwright::bench
