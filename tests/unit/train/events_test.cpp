// What the real TensorBoard makes of the event files that a training leaves.

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/train/metrics_log.h"
#include "framework/train/scalars.h"
#include "tests/support/python.h"
#include "tests/unit/data/idx_writer.h"

namespace mixwright::train {
namespace {

namespace fs = std::filesystem;
using mixwright::test::TestFolder;
using nlohmann::ordered_json;

std::vector<fs::path> event_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with("events.out.tfevents.")) {
      files.push_back(entry.path());
    }
  }
  return files;
}

ordered_json train_line(int64_t step, double loss) {
  return {{"kind", "train"}, {"step", step}, {"epoch", 0.5}, {"loss", MetricsLog::number(loss)}};
}

TEST(ScalarsTest, NamesWhatALineMeasured) {
  const std::vector<io::Scalar> scalars =
      scalars_of({{"kind", "validation"},
                  {"step", 7},
                  {"epoch", 2},
                  {"accuracy", 0.5},
                  {"loss", "nan"},
                  {"decisive", {{"name", "accuracy"}, {"percent", true}}},
                  {"norms", {{"head", 3}}},
                  {"samples", 60}});
  ASSERT_EQ(scalars.size(), 4U);
  EXPECT_EQ(scalars[0].tag, "validation/epoch");
  EXPECT_EQ(scalars[1].tag, "validation/accuracy");
  EXPECT_EQ(scalars[1].value, 0.5);
  EXPECT_EQ(scalars[2].tag, "validation/loss");
  EXPECT_TRUE(std::isnan(scalars[2].value));
  EXPECT_EQ(scalars[3].tag, "validation/norms/head");
  EXPECT_TRUE(scalars_of({{"kind", "not_finite"}, {"step", 7}, {"loss", "nan"}}).empty());
}

TEST(MetricsLogTest, WritesEventsBesideTheLines) {
  const TestFolder folder("mixwright-events");
  {
    MetricsLog log(folder / "metrics.jsonl", 0);
    EXPECT_TRUE(event_files(folder.path()).empty()) << "a finished training leaves no empty file";
    log.append(train_line(1, 0.5));
  }
  EXPECT_EQ(event_files(folder.path()).size(), 1U);
}

class TensorBoardTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!python_.usable) {
      GTEST_SKIP() << "NOT READ by TensorBoard: " << python_.program
                   << " with the package tensorboard is needed; scripts/setup.sh installs it";
    }
  }

  /// What TensorBoard reads from the folder.
  ordered_json read() const {
    const fs::path out = folder_ / "read.json";
    const std::string command = python_.command("tests/unit/train/tensorboard_read.py") + " '" +
                                folder_.path().string() + "' >'" + out.string() + "'";
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    std::ifstream in(out);
    return ordered_json::parse(in);
  }

  TestFolder folder_{"mixwright-tensorboard"};
  mixwright::test::Python python_ =
      mixwright::test::python_with({"tensorboard", "google.protobuf"});
};

TEST_F(TensorBoardTest, ShowsOneCurveAfterRestarts) {
  const fs::path path = folder_ / "metrics.jsonl";
  {
    MetricsLog log(path, 0);
    log.append(train_line(2, 2.0));
    log.append(train_line(4, 1.5));
    log.append(train_line(6, 99.0));  // beyond the checkpoint of step 4: trained again
    log.append(train_line(8, 99.0));
  }
  {
    // A killed program's last record, cut off.
    std::ofstream(event_files(folder_.path()).front(), std::ios::app) << std::string("\x20\0\0", 3);
  }
  {
    MetricsLog log(path, 4);
    log.append(train_line(5, 1.25));
    log.append(train_line(7, 99.0));
  }
  {
    MetricsLog log(path, 6);
    log.append(train_line(7, 0.75));
    log.append({{"kind", "validation"}, {"step", 7}, {"accuracy", 0.5}, {"loss", "nan"}});
  }
  const ordered_json seen = read();
  for (const char* reader : {"library", "pages"}) {
    EXPECT_EQ(seen.at(reader).at("train/loss").dump(), "[[2,2.0],[4,1.5],[5,1.25],[7,0.75]]")
        << reader;
    EXPECT_EQ(seen.at(reader).at("validation/accuracy").dump(), "[[7,0.5]]") << reader;
    EXPECT_EQ(seen.at(reader).at("validation/loss").dump(), "[[7,\"nan\"]]") << reader;
  }
}

TEST_F(TensorBoardTest, ShowsOneCurveAfterARestartFromTheBeginning) {
  for (const double loss : {99.0, 1.0}) {
    MetricsLog log(folder_ / "metrics.jsonl", 0);
    log.append(train_line(1, loss));
    if (loss > 1) log.append(train_line(2, loss));
  }
  const ordered_json seen = read();
  EXPECT_EQ(seen.at("library").at("train/loss").dump(), "[[1,1.0]]");
  EXPECT_EQ(seen.at("pages").at("train/loss").dump(), "[[1,1.0]]");
}

}  // namespace
}  // namespace mixwright::train
