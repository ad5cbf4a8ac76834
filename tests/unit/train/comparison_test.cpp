#include "framework/train/comparison.h"

#include <cmath>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "framework/config/toml_reader.h"
#include "framework/train/metrics_log.h"
#include "framework/train/train_state_file.h"
#include "tests/unit/data/idx_writer.h"

namespace mixwright::train {
namespace {

namespace fs = std::filesystem;
using mixwright::test::TestFolder;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(StatisticsTest, KnowsStudentsQuantiles) {
  // Any table of t: two-sided 95 %, and 99 %.
  EXPECT_NEAR(student_t_quantile(0.95, 1), 12.706204736, 1e-8);
  EXPECT_NEAR(student_t_quantile(0.95, 2), 4.302652730, 1e-8);
  EXPECT_NEAR(student_t_quantile(0.95, 3), 3.182446305, 1e-8);
  EXPECT_NEAR(student_t_quantile(0.95, 4), 2.776445105, 1e-8);
  EXPECT_NEAR(student_t_quantile(0.95, 9), 2.262157163, 1e-8);
  EXPECT_NEAR(student_t_quantile(0.95, 30), 2.042272456, 1e-8);
  EXPECT_NEAR(student_t_quantile(0.99, 5), 4.032142984, 1e-8);
  EXPECT_NEAR(student_t_quantile(0.95, 1'000'000), 1.959966, 1e-5) << "the normal distribution's";
  EXPECT_NEAR(student_t_within(1, 1), 0.5, 1e-15);
}

TEST(StatisticsTest, GivesAMeanItsInterval) {
  const MeanInterval five = mean_interval({1, 2, 3, 4, 5});
  EXPECT_DOUBLE_EQ(five.mean, 3);
  EXPECT_NEAR(five.half.value(), 2.776445105 * std::sqrt(2.5) / std::sqrt(5.0), 1e-8);
  EXPECT_NEAR(mean_interval({1, 3}).half.value(), 12.706204736, 1e-8);
  EXPECT_EQ(mean_interval({2, 2, 2}).half.value(), 0);
  EXPECT_FALSE(mean_interval({7}).half) << "one value tells nothing of its spread";
  EXPECT_DOUBLE_EQ(mean_interval({7}).mean, 7);
}

TEST(StatisticsTest, ComparesMeansOfUnequalSpread) {
  // Variances of the means 1 and 4 / 3 of 3 degrees of freedom each: 5.88 together, taken as 5.
  const MeanInterval unequal = difference_of_means({10, 12, 14, 10 + 2.0 / 3}, {1, 1, 1, 5});
  const double va = (25.0 / 9 + 1.0 / 9 + 49.0 / 9 + 1) / 3 / 4;
  EXPECT_NEAR(unequal.mean, 11 + 2.0 / 3 - 2, 1e-12);
  EXPECT_NEAR(unequal.half.value(), 2.570581836 * std::sqrt(va + 1), 1e-8);
  // Equal variances of three each: 4 degrees of freedom, however they are rounded.
  const MeanInterval equal = difference_of_means({1, 2, 3}, {11, 12, 13});
  EXPECT_DOUBLE_EQ(equal.mean, -10);
  EXPECT_NEAR(equal.half.value(), 2.776445105 * std::sqrt(2.0 / 3), 1e-8);
  EXPECT_FALSE(difference_of_means({1}, {1, 2}).half);
  EXPECT_EQ(difference_of_means({1, 1}, {2, 2}).half.value(), 0);
}

class ComparisonTest : public testing::Test {
 protected:
  /// A run with these accuracies at steps 10, 20, …
  RunOutcome outcome(const std::string& name,
                     const std::string& config,
                     const std::vector<double>& accuracies,
                     const std::string& metric = "accuracy") {
    const fs::path run = folder_ / name;
    mixwright::test::write_file(run / "metrics.jsonl", "");
    MetricsLog log(run / "metrics.jsonl", 0);
    for (size_t i = 0; i < accuracies.size(); ++i) {
      log.append({{"kind", "validation"},
                  {"step", 10 * (i + 1)},
                  {metric, MetricsLog::number(accuracies[i])},
                  {"decisive", {{"name", metric}, {"percent", true}}}});
    }
    return read_outcome(run, config::parse_toml(config, name));
  }

  TestFolder folder_{"mixwright-comparison"};
};

TEST_F(ComparisonTest, ReadsWhatARunCameTo) {
  const RunOutcome run = outcome("a", "seed = 4\n", {0.5, 0.75, std::nan(""), 0.625});
  EXPECT_EQ(run.seed, "4");
  EXPECT_EQ(run.best.value, 0.75);
  EXPECT_EQ(run.best_step, 20);
  EXPECT_EQ(run.last.value, 0.625);
  EXPECT_EQ(run.last_step, 40);
  EXPECT_FALSE(run.seconds);
  EXPECT_FALSE(run.finished);
  StateFile file;
  file.state.seconds = 12.5;
  file.state.finished = true;
  fs::create_directory(folder_ / "a/last");
  write_state_file(folder_ / "a/last/state.toml", file);
  const RunOutcome finished = read_outcome(folder_ / "a", ConfigValue::table());
  EXPECT_EQ(finished.seconds, 12.5);
  EXPECT_TRUE(finished.finished);
  EXPECT_THAT([&] { outcome("b", "", {}); },
              testing::ThrowsMessage<UsageError>(HasSubstr("nothing was validated yet")));
}

TEST_F(ComparisonTest, GroupsRunsThatDifferInTheSeedAlone) {
  const std::string model = "[[model.stage]]\ndim = 8\n";
  const std::vector<RunGroup> groups = group_runs(
      {outcome("a1", "name = \"a1\"\nseed = 1\n[train]\nlr = 1\nworkers = 0\n" + model, {0.5}),
       outcome("b1", "seed = 1\n[train]\nlr = 1\n[[model.stage]]\ndim = 9\n", {0.25}),
       outcome("a2", "seed = 2\n[train]\nlr = 1.0\n" + model, {0.75}),
       outcome("c1", "seed = 1\n[train]\nlr = 2\n[[model.stage]]\ndim = 9\n", {0.25})});
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[0].label, "A");
  ASSERT_EQ(groups[0].runs.size(), 2U);
  EXPECT_EQ(groups[0].runs[1].seed, "2");
  EXPECT_DOUBLE_EQ(groups[0].best().mean, 0.625);
  EXPECT_NEAR(groups[0].best().half.value(), 12.706204736 * 0.125, 1e-8);
  EXPECT_EQ(groups[2].label, "C");
  const std::vector<DifferingSetting> settings = differing_settings(groups);
  ASSERT_EQ(settings.size(), 2U);
  EXPECT_EQ(settings[0].path, "model.stage[0].dim");
  EXPECT_THAT(settings[0].values, ElementsAre("8", "9", "9"));
  EXPECT_EQ(settings[1].path, "train.lr");
  EXPECT_THAT(settings[1].values, ElementsAre("1", "1", "2"));
}

TEST_F(ComparisonTest, ShowsWhatOneGroupDoesNotHave) {
  const std::vector<RunGroup> groups = group_runs(
      {outcome("a", "[m]\nk = 3\n", {0.5}), outcome("b", "[m]\nlist = [1, 2]\n", {0.5})});
  const std::vector<DifferingSetting> settings = differing_settings(groups);
  ASSERT_EQ(settings.size(), 2U);
  EXPECT_THAT(settings[0].values, ElementsAre("3", "not given"));
  EXPECT_THAT(settings[1].values, ElementsAre("not given", "[1, 2]"));
}

TEST_F(ComparisonTest, LeavesOutWhatAnotherComponentDoesNotKnow) {
  const std::vector<RunGroup> groups = group_runs(
      {outcome("a", "[m]\ntype = \"x\"\nk = 3\nsize = 1\n[m.inner]\ntype = \"i\"\n", {0.5}),
       outcome("b", "[m]\ntype = \"y\"\nlist = 3\nsize = 2\n", {0.5}),
       outcome("c", "[m]\ntype = \"y\"\nlist = 4\nsize = 2\n", {0.5})});
  const std::vector<DifferingSetting> settings = differing_settings(groups);
  std::vector<std::string> paths;
  for (const DifferingSetting& setting : settings) paths.push_back(setting.path);
  EXPECT_THAT(paths, ElementsAre("m.list", "m.size", "m.type"));
}

TEST_F(ComparisonTest, KnowsAComponentThatIsItsNameAlone) {
  const std::vector<RunGroup> groups = group_runs(
      {outcome("a", "[m]\ntype = \"x\"\nk = 3\n", {0.5}), outcome("b", "m = \"y\"\n", {0.5})});
  const std::vector<DifferingSetting> settings = differing_settings(groups);
  ASSERT_EQ(settings.size(), 1U);
  EXPECT_EQ(settings[0].path, "m.type");
  EXPECT_THAT(settings[0].values, ElementsAre("\"x\"", "\"y\""));
}

TEST_F(ComparisonTest, RefusesWhatCannotBeCompared) {
  const RunOutcome a = outcome("a", "", {0.5});
  const RunOutcome b = outcome("b", "", {0.5}, "overlap");
  EXPECT_THAT([&] { group_runs({a, b}); },
              testing::ThrowsMessage<UsageError>(HasSubstr("is measured by overlap, but")));
  EXPECT_THAT([&] { group_runs({a, a}); },
              testing::ThrowsMessage<UsageError>(HasSubstr("given twice")));
}

TEST_F(ComparisonTest, DrawsBars) {
  const std::vector<RunGroup> groups = group_runs({outcome("a1", "seed = 1\n", {0.5}),
                                                   outcome("a2", "seed = 2\n", {0.75}),
                                                   outcome("b", "m = \"it's\"\n", {0.25})});
  for (const char* name : {"c.svg", "c.png"}) {
    draw_comparison(groups, folder_ / name);
    EXPECT_TRUE(fs::exists(folder_ / name));
  }
  std::ifstream in(folder_ / "c.svg");
  const std::string svg{std::istreambuf_iterator<char>(in), {}};
  EXPECT_THAT(svg, HasSubstr("62.50 %"));
  EXPECT_THAT(svg, HasSubstr("Best validation accuracy"));
  draw_comparison(group_runs({outcome("alone", "", {0.5})}), folder_ / "one.svg");
  EXPECT_TRUE(fs::exists(folder_ / "one.svg"));
}

}  // namespace
}  // namespace mixwright::train
