#include <cmath>
#include <fstream>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "framework/config/toml_reader.h"
#include "framework/train/config_difference.h"
#include "framework/train/curves.h"
#include "framework/train/device.h"
#include "framework/train/gnuplot.h"
#include "framework/train/metrics_log.h"
#include "framework/train/progress.h"
#include "framework/train/text_table.h"
#include "tests/unit/data/idx_writer.h"

namespace mixwright::train {
namespace {

using mixwright::test::TestFolder;
using testing::HasSubstr;

std::string content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(TextTableTest, AlignsColumns) {
  Table table;
  table.title = "T";
  table.columns = {"class", "accuracy"};
  table.rows = {{"Füße", "9.00 %"}, {"b", "10.00 %"}};
  EXPECT_EQ(table_text(table),
            "T\n"
            "  class  accuracy\n"
            "  ---------------\n"
            "  Füße     9.00 %\n"
            "  b       10.00 %\n");
}

TEST(TextTableTest, WritesNumbersAsPeopleReadThem) {
  EXPECT_EQ(metric_text({"accuracy", 0.86312, true, true}), "86.31 %");
  EXPECT_EQ(metric_text({"loss", 0.41273, false, false}), "0.4127");
  EXPECT_EQ(duration_text(187.4), "3:07");
  EXPECT_EQ(duration_text(3765), "1:02:45");
  EXPECT_EQ(duration_text(59.6), "1:00");
  EXPECT_EQ(count_text(1234567.2), "1,234,567");
}

TEST(ProgressTest, TellsEverythingAndFitsTheTerminal) {
  ProgressFacts facts;
  facts.phase = "epoch 2/4";
  facts.step = 50;
  facts.steps = 200;
  facts.metrics = {{"accuracy", 0.5, true, true}};
  facts.learning_rate = 0.0031;
  facts.samples_per_second = 2345;
  facts.seconds_left = 75;
  EXPECT_EQ(progress_text(facts, 0),
            "epoch 2/4 [#####...............] 50/200  ETA 1:15  accuracy 50.00 %  2,345 samples/s"
            "  lr 3.10e-03");
  EXPECT_EQ(progress_text(facts, 30), "epoch 2/4 [#####..............");
}

TEST(MetricsLogTest, DropsWhatAResumedTrainingWritesAgain) {
  const TestFolder folder("mixwright-metrics");
  const auto path = folder / "metrics.jsonl";
  {
    MetricsLog log(path, 0);
    for (const int step : {1, 2, 3}) log.append({{"kind", "train"}, {"step", step}});
  }
  {
    std::ofstream(path, std::ios::app) << "{\"kind\": \"train\", \"st";
  }  // cut off
  {
    MetricsLog log(path, 2);
    log.append({{"kind", "train"}, {"step", 3}, {"loss", MetricsLog::number(std::nan(""))}});
  }
  EXPECT_EQ(content(path),
            "{\"kind\":\"train\",\"step\":1}\n"
            "{\"kind\":\"train\",\"step\":2}\n"
            "{\"kind\":\"train\",\"step\":3,\"loss\":\"nan\"}\n");
  EXPECT_EQ(MetricsLog::read(path).size(), 3U);
  EXPECT_EQ(MetricsLog::number(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_THROW(MetricsLog::read(folder / "absent"), UsageError);
}

TEST(ConfigDifferenceTest, NamesTheFirstThingThatMayNotChange) {
  const auto compare = [](const std::string& a, const std::string& b) {
    return first_difference(config::parse_toml(a, "a"), config::parse_toml(b, "b"));
  };
  EXPECT_FALSE(compare("seed = 1\nname = \"a\"\n[train]\nlr = 1\nworkers = 1\n",
                       "name = \"b\"\nseed = 1\n[train]\nworkers = 4\nlr = 1.0\n"));
  auto difference = compare("[train]\nbatch_size = 8\n", "[train]\nbatch_size = 16\n");
  ASSERT_TRUE(difference);
  EXPECT_EQ(difference->path, "train.batch_size");
  EXPECT_EQ(difference->before, "8");
  EXPECT_EQ(difference->now, "16");
  difference = compare("[[model.stage]]\ndim = 8\n", "[[model.stage]]\ndim = 8\ndepth = 2\n");
  ASSERT_TRUE(difference);
  EXPECT_EQ(difference->path, "model.stage[0].depth");
  EXPECT_EQ(difference->before, "not given");
}

TEST(DeviceTest, RefusesWhatIsNoDevice) {
  EXPECT_TRUE(choose_device("cpu").is_cpu());
  for (const char* text : {"gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1000", ""}) {
    EXPECT_THROW(choose_device(text), UsageError) << text;
  }
  EXPECT_THAT([] { choose_device("cuda:99"); },
              testing::ThrowsMessage<UsageError>(HasSubstr("CUDA devices")));
}

class CurvesTest : public testing::Test {
 protected:
  std::filesystem::path run_of(const std::string& name) {
    MetricsLog log(mixwright::test::write_file(folder_ / (name + "/metrics.jsonl"), ""), 0);
    for (int step = 1; step <= 4; ++step) {
      log.append({{"kind", "train"},
                  {"step", step},
                  {"epoch", step / 2.0},
                  {"loss", 1.0 / step},
                  {"accuracy", 0.2 * step},
                  {"learning_rate", 0.1},
                  {"samples_per_second", 100}});
    }
    log.append({{"kind", "validation"},
                {"step", 4},
                {"epoch", 2},
                {"accuracy", 0.75},
                {"loss", "nan"},
                {"decisive", {{"name", "accuracy"}, {"percent", true}}}});
    return folder_ / name;
  }
  TestFolder folder_{"mixwright-curves"};
};

TEST_F(CurvesTest, ReadsWhatTheTrainingWrote) {
  const RunCurves curves = read_curves(run_of("a"));
  EXPECT_EQ(curves.name, "a");
  EXPECT_EQ(curves.metric, "accuracy");
  EXPECT_EQ(curves.train_loss.size(), 4U);
  EXPECT_TRUE(curves.validation_loss.empty()) << "nan is no point";
  EXPECT_EQ(curves.validation_metric, (Points{{2.0, 0.75}}));
  EXPECT_THROW(read_curves(folder_ / "absent"), UsageError);
}

TEST_F(CurvesTest, DrawsOneAndSeveralRuns) {
  const RunCurves a = read_curves(run_of("a"));
  const RunCurves b = read_curves(run_of("it's \"b\""));
  for (const auto& runs : {std::vector<RunCurves>{a}, std::vector<RunCurves>{a, b}}) {
    const auto files = draw_curves(runs, folder_ / "plots", "x");
    ASSERT_EQ(files.size(), 2U);
    EXPECT_EQ(content(files[0]).substr(1, 3), "PNG");
    EXPECT_THAT(content(files[1]), HasSubstr("<svg"));
    EXPECT_THAT(content(files[1]), HasSubstr("Accuracy"));
  }
}

TEST(GnuplotTest, SaysWhatGnuplotDislikes) {
  EXPECT_THAT([] { run_gnuplot("plot nothing_of_that_name\n"); },
              testing::ThrowsMessage<Error>(HasSubstr("undefined variable")));
  EXPECT_EQ(gnuplot_quoted("a\"b\\c\n"), "\"a\\\"b\\\\c \"");
}

TEST(GnuplotTest, RunsNoCommandOutOfAName) {
  const mixwright::test::TestFolder folder("mixwright-gnuplot");
  const std::string name = "`touch " + (folder / "touched").string() + "`";
  run_gnuplot("set print '" + (folder / "said").string() + "'\nprint " + gnuplot_quoted(name) +
              "\n");
  EXPECT_FALSE(std::filesystem::exists(folder / "touched"));
  std::ifstream in(folder / "said");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), name + "\n");
}

TEST(GnuplotTest, SaysThatItIsMissing) {
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", "/nonexistent", 1);
  EXPECT_THAT([] { run_gnuplot(""); },
              testing::ThrowsMessage<Error>(HasSubstr("gnuplot is not installed")));
  ::setenv("PATH", path.c_str(), 1);
}

}  // namespace
}  // namespace mixwright::train
