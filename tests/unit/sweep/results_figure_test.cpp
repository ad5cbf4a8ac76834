#include "framework/sweep/results_figure.h"

#include <array>
#include <cmath>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/fmt/fmt.h>

#include <mixwright/error.h>

#include "framework/sweep/results_chart.h"
#include "framework/sweep/results_crossing.h"
#include "framework/sweep/results_table.h"
#include "framework/sweep/sweep_file.h"
#include "framework/train/figure.h"
#include "tests/support/folder.h"

namespace mixwright::sweep {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// Three rows, two seeds each, with the course of a number of two parts.
ResultLines example() {
  const ordered_json level = {{"row", "level"}, {"mixer", "Level"}};
  const ordered_json none = {{"row", "free_0"}, {"mixer", "Free"}, {"penalty", 0}};
  const ordered_json large = {{"row", "free_1"}, {"mixer", "Free"}, {"penalty", 0.1}};
  ResultLines lines;
  double test = 0.5;
  for (const ordered_json& settings : {level, none, large}) {
    for (const int seed : {1, 2}) {
      test += 0.01;
      ordered_json line = {{"sweep", "s"},
                           {"row", settings["row"].get<std::string>() + std::to_string(seed)},
                           {"settings", settings},
                           {"seed", seed},
                           {"config_sha256", settings["row"]},
                           {"metric", "accuracy"},
                           {"percent", true},
                           {"best", test},
                           {"test", test},
                           {"test_metrics", {{"loss", 1 - test}}},
                           {"parameters", 1234567},
                           {"macs", 10},
                           {"seconds", 2.0 * seed}};
      line["curves"]["tilt"]["step"] = {50, 100};
      line["curves"]["tilt"]["parts"] = {{"blocks.0.token_mixer", {seed, 2 * seed}},
                                         {"blocks.1.token_mixer", {0.5, "nan"}}};
      lines.push_back(std::move(line));
    }
  }
  return lines;
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

FigureOptions figure(const std::string& x, const std::string& series) {
  FigureOptions options;
  options.name = "f";
  options.x = x;
  options.series = series;
  return options;
}

TEST(ResultsGroupsTest, FindSettingsAndEntries) {
  const ordered_json line = {{"settings", {{"lr", "0.001"}, {"name", "a"}, {"bad", "1e999"}}},
                             {"test_metrics", {{"loss", 0.25}}},
                             {"lr", 7}};
  EXPECT_EQ(number_at(line, "lr"), 0.001) << "a setting comes first, and a text may be a number";
  EXPECT_EQ(number_at(line, "test_metrics.loss"), 0.25);
  EXPECT_EQ(number_at(line, "name"), std::nullopt);
  EXPECT_EQ(number_at(line, "bad"), std::nullopt);
  EXPECT_EQ(text_at(line, "test_metrics.none"), "");
  EXPECT_EQ(text_at(line, "test_metrics.loss"), "0.25");
}

TEST(ResultsGroupsTest, AreNamedByWhatTellsThemApart) {
  ResultLines lines = example();
  std::vector<ResultGroup> groups = group_results(lines);
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[2].lines.size(), 2U);
  EXPECT_THAT(naming_settings(groups), ElementsAre("mixer", "penalty"));
  EXPECT_EQ(group_name(groups[2], naming_settings(groups)), "Free, 0.1");
  for (ordered_json& line : lines) line["settings"].erase("penalty");
  groups = group_results(lines);
  EXPECT_THAT(naming_settings(groups), ElementsAre("row", "mixer"));
}

TEST(ResultsTableTest, ShowsMeansAndDifferences) {
  const Table table = results_table(example(), "Level");
  EXPECT_THAT(table.columns,
              ElementsAre("mixer",
                          "penalty",
                          "seeds",
                          "test accuracy",
                          "best validation accuracy",
                          "test, less that of Level",
                          "parameters",
                          "MACs",
                          "seconds"));
  ASSERT_EQ(table.rows.size(), 3U);
  // Half the interval of two values d apart is 12.706 d / 2; Welch's here has t(2) = 4.3027.
  EXPECT_THAT(table.rows[2],
              ElementsAre("Free",
                          "0.1",
                          "2",
                          "55.50 ± 6.35 %",
                          "55.50 ± 6.35 %",
                          "4.00 ± 3.04 %",
                          "1,234,567",
                          "10",
                          "3.0"));
  EXPECT_EQ(table.rows[0][1], "-");
  EXPECT_EQ(table.rows[0][5], "-");
  EXPECT_TRUE(results_table({}).columns.empty());
  EXPECT_THAT([] { results_table(example(), "Levle"); },
              testing::ThrowsMessage<UsageError>(HasSubstr("did you mean \"Level\"?")));
}

TEST(ResultsChartTest, HasMeansLevelsAndOnlyTheRowsAskedFor) {
  FigureOptions options = figure("penalty", "mixer");
  const Chart chart = chart_of(options, example());
  ASSERT_EQ(chart.series.size(), 2U);
  EXPECT_EQ(chart.y_label, "test accuracy (%)");
  EXPECT_FALSE(chart.series[0].points.front().x);
  EXPECT_NEAR(chart.series[1].points[1].y.mean, 55.5, 1e-9);
  EXPECT_NEAR(chart.series[1].points[1].y.half.value(), 12.706204736 * 0.5, 1e-6);
  EXPECT_EQ(chart.series[1].points[0].x, 0);
  options.where.value = ConfigValue::table();
  options.where.value.set("penalty", ConfigValue(0.1));
  options.y = "test_metrics.loss";
  const Chart one = chart_of(options, example());
  ASSERT_EQ(one.series.size(), 1U);
  EXPECT_NEAR(one.series[0].points.front().y.mean, 0.445, 1e-9);
  options.y = "nothing";
  EXPECT_THAT([&] { chart_of(options, example()); },
              testing::ThrowsMessage<UsageError>(HasSubstr("y = \"nothing\"")));
}

TEST(ResultsFigureTest, DrawsZeroBesideALogarithmicAxis) {
  FigureOptions options = figure("penalty", "mixer");
  options.log_x = true;
  options.line = {{"theory", {0.1, 1}, {50, 60}, ""}, {"chance", {}, {10}, ""}};
  const std::string script = points_script(options, example());
  EXPECT_THAT(script,
              AllOf(HasSubstr("set logscale x"),
                    HasSubstr("\"0\" 0.001"),
                    HasSubstr("\"10⁻¹\" 1e-1"),  // 0 takes the room of 0.2 and 0.5
                    Not(HasSubstr("5e-1")),
                    HasSubstr("title \"Level\""),
                    HasSubstr("title \"theory\""),
                    HasSubstr("10 with lines")));
  const test::TestFolder folder("mixwright-figure");
  EXPECT_THAT(draw_results(options, example(), folder.path()),
              ElementsAre(folder / "f.png", folder / "f.svg"));
  EXPECT_THAT(text_of(folder / "f.svg"), AllOf(HasSubstr("test accuracy (%)"), HasSubstr("Free")));
}

TEST(ResultsFigureTest, SaysNoNumbersOfXWhereThereIsNone) {
  FigureOptions options = figure("penalty", "mixer");
  options.log_x = true;
  options.where.value = ConfigValue::table();
  options.where.value.set("mixer", ConfigValue("Level"));
  EXPECT_THAT(points_script(options, example()), HasSubstr("unset xtics"));
  options.where.value = ConfigValue();
  EXPECT_THAT(points_script(options, example()), Not(HasSubstr("unset xtics")));
}

TEST(ResultsFigureTest, NamesPointsOnLogarithmicAxes) {
  FigureOptions options = figure("penalty", "mixer");
  options.named = true;
  options.log_x = true;
  options.log_y = true;
  const std::string script = points_script(options, example());
  EXPECT_THAT(script,
              AllOf(HasSubstr("0.001 53.5\n"),  // the one at 0, beyond the gap, has its name, too
                    HasSubstr("using 1:2:(\"Free\") with labels"),
                    HasSubstr("set yrange [32.247784:86.594343]")));  // 1.4 times beyond all
  const test::TestFolder folder("mixwright-figure");
  EXPECT_EQ(draw_results(options, example(), folder.path()).size(), 2U);
}

TEST(ResultsFigureTest, DrawsABarForEachText) {
  FigureOptions options = figure("row", "");
  options.kind = FigureKind::kBars;
  const test::TestFolder folder("mixwright-figure");
  draw_results(options, example(), folder.path());
  EXPECT_THAT(text_of(folder / "f.svg"),
              AllOf(HasSubstr("free_0"), HasSubstr("axis does not begin at 0")));
}

TEST(ResultsFigureTest, DrawsRowsThatAllCameToNothing) {
  ResultLines lines = example();
  for (ordered_json& line : lines) line["test"] = 0.0;
  const test::TestFolder folder("mixwright-figure");
  for (const FigureKind kind : {FigureKind::kBars, FigureKind::kPoints}) {
    FigureOptions options = figure(kind == FigureKind::kBars ? "row" : "penalty", "mixer");
    options.kind = kind;
    draw_results(options, lines, folder.path());
    EXPECT_THAT(text_of(folder / "f.svg"), HasSubstr("test accuracy (%)"));
  }
}

TEST(ResultsFigureTest, DrawsTheCourseOfParts) {
  FigureOptions options = figure("", "");
  options.kind = FigureKind::kHeat;
  options.y = "tilt";
  options.parts = {"token_mixer"};
  const std::string script = heat_script(options, example());
  // The mean over seeds 1 and 2, then twice that; an upper row whose end is not known.
  EXPECT_THAT(script,
              AllOf(HasSubstr("50 1 0 65 0.5 1.6 1.5\n100 1 50 100 0.5 1.6 3\n"),
                    HasSubstr("100 2 50 100 1.5 2.5 nan\n"),
                    HasSubstr("set cbrange [0.5:3]")));
  const test::TestFolder folder("mixwright-figure");
  draw_results(options, example(), folder.path());
  EXPECT_THAT(text_of(folder / "f.svg"), HasSubstr("Free, 0.1, token mixer"));
  options.parts = {"channel_mixer"};
  EXPECT_THAT([&] { heat_script(options, example()); },
              testing::ThrowsMessage<UsageError>(HasSubstr("curves = [\"tilt\"]")));
}

TEST(SweepFiguresTest, StandInTheSweepFile) {
  const test::TestFolder folder("mixwright-figure");
  const std::string file = test::write_file(folder / "s.toml", R"(config = "a.toml"
curves = ["tilt"]
[[figure]]
name = "one"
kind = "heat"
y = "tilt"
[[figure.line]]
title = "theory"
y = [3.0]
)");
  const Sweep sweep = read_sweep(file);
  EXPECT_THAT(sweep.curves, ElementsAre("tilt"));
  ASSERT_EQ(sweep.figures.size(), 1U);
  EXPECT_EQ(sweep.figures[0].kind, FigureKind::kHeat);
  EXPECT_EQ(sweep.figures[0].line.front().y.front(), 3);
  test::write_file(folder / "s.toml", "config = \"a\"\n[[figure]]\nname = \"a/b\"\n");
  EXPECT_THAT([&] { read_sweep(file); },
              testing::ThrowsMessage<UsageError>(HasSubstr("no name for a file")));
}

/// Rates of one model at each count, of two seeds.
ResultLines rates(const std::string& model, const std::vector<std::array<double, 3>>& measured) {
  ResultLines lines;
  for (const auto& [count, first, second] : measured) {
    for (const int seed : {1, 2}) {
      lines.push_back({{"sweep", "s"},
                       {"settings", {{"model", model}, {"count", fmt::format("{:g}", count)}}},
                       {"seed", seed},
                       {"config_sha256", model + fmt::format("{:g}", count)},
                       {"test", seed == 1 ? first : second}});
    }
  }
  return lines;
}

TEST(ResultsCrossing, IsTheFirstPassageBetweenNeighbours) {
  FigureOptions options;
  options.crossing.of = "count";
  ResultLines lines = rates("a", {{100, 0.25, 0.0}, {10, 1.0, 0.9}, {1, 1.0, 1.0}});
  const ResultLines found = crossings(options, lines);
  ASSERT_EQ(found.size(), 2U);
  // From 1 at 10 to 1/4 at 100, half is two thirds of the way; logarithmically.
  EXPECT_NEAR(found[0][kCrossing].get<double>(), std::pow(10.0, 1 + 2.0 / 3), 1e-9);
  EXPECT_NEAR(found[1][kCrossing].get<double>(), std::pow(10.0, 1 + 4.0 / 9), 1e-9);
  EXPECT_EQ(found[0]["settings"], ordered_json({{"model", "a"}}));
  EXPECT_EQ(group_results(found).size(), 1U) << "the seeds of one group";
  const ResultLines from_zero = rates("b", {{0, 1.0, 1.0}, {4, 0.0, 0.0}});
  EXPECT_NEAR(crossings(options, from_zero)[0][kCrossing].get<double>(), 2, 1e-12);
}

TEST(ResultsCrossing, LeavesOutWhatASeedNeverReaches) {
  FigureOptions options;
  options.crossing.of = "count";
  ResultLines lines = rates("a", {{1, 1.0, 1.0}, {10, 0.0, 0.6}});
  EXPECT_TRUE(crossings(options, lines).empty());
  options.crossing.level = 0.7;
  EXPECT_EQ(crossings(options, lines).size(), 2U);
}

TEST(ResultsCrossing, IsDrawnInThePlaceOfY) {
  FigureOptions options;
  options.name = "capacity";
  options.x = "model";
  options.kind = FigureKind::kBars;
  options.crossing.of = "count";
  options.y_label = "patterns";
  const Drawing drawing = drawing_of(options, rates("a", {{1, 1.0, 1.0}, {100, 0.0, 0.0}}));
  EXPECT_THAT(drawing.script, AllOf(HasSubstr("\"patterns\""), HasSubstr("0 10 0\n")));
}

TEST(ResultsFigure, TheAxisMayBeSaid) {
  FigureOptions options;
  options.name = "said";
  options.x = "count";
  options.y_range = {-4, 104};
  const ResultLines lines = rates("a", {{1, 1.0, 0.0}});
  EXPECT_THAT(drawing_of(options, lines).script, HasSubstr("set yrange [-4:104]"));
  options.y_range = {104, -4};
  EXPECT_THAT([&] { drawing_of(options, lines); },
              testing::ThrowsMessage<UsageError>(HasSubstr("[lowest, highest] expected")));
}

TEST(ResultsFigure, ALineTakesTheColourOfItsSeries) {
  FigureOptions options;
  options.name = "law";
  options.x = "count";
  options.series = "model";
  options.line = {{"its law", {1, 10}, {0.5, 0.5}, "b"}, {"any law", {}, {0.1}, ""}};
  ResultLines lines = rates("a", {{1, 1.0, 1.0}});
  for (auto& line : rates("b", {{1, 0.5, 0.5}})) lines.push_back(line);
  const std::string script = drawing_of(options, lines).script;
  const size_t place = script.find("\"its law\"");
  ASSERT_NE(place, std::string::npos);
  EXPECT_THAT(script.substr(place - 60, 60), HasSubstr(train::figure_colour(1)));
  EXPECT_THAT(script.substr(script.find("\"any law\"") - 60, 60), HasSubstr("#404040"));
}

}  // namespace
}  // namespace mixwright::sweep
