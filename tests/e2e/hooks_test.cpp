// What a part may do while it trains: move its own state after every step, and report.

#include <gmock/gmock.h>

#include <mixwright/picture.h>

#include "tests/e2e/training_scene.h"

namespace mixwright::e2e {
namespace {

namespace fs = std::filesystem;

class HooksTest : public testing::Test {
 protected:
  void train(const std::string& out, std::vector<std::string> more) {
    more.insert(more.end(),
                {"--plugin-path",
                 traps().string(),
                 "--set",
                 "model.stage[0].token_mixer=hooked",
                 "--set",
                 "train.log_every=5"});
    const auto result = scene_.train(out, std::move(more));
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }

  TrainingScene scene_;
  const std::string part_ = "stages.0.blocks.0.token_mixer";
};

TEST_F(HooksTest, StepsReachThePartAndItsReportsReachLogAndFolder) {
  train("run", {});
  size_t lines = 0;
  double before = 1;
  for (const nlohmann::json& line : scene_.metrics("run")) {
    if (line.at("kind") != "train") continue;
    ++lines;
    EXPECT_EQ(line.at("parts").at(part_ + ".step"), line.at("step"));
    const double scale = line.at("parts").at(part_ + ".scale");
    EXPECT_GT(scale, before);
    before = scale;
  }
  EXPECT_GE(lines, 2U);
  const PictureInfo info =
      read_picture_info(scene_.path("run/plots/" + part_ + ".scale.png").string());
  EXPECT_EQ(info.height, 160) << "one row of pixels is enlarged";
}

TEST_F(HooksTest, WhatItMovedGoesOnAfterAResume) {
  train("whole", {});
  train("cut", {"--stop-after", "3"});
  const auto rest = scene_.run({"train", "cut", "--resume", "--plugin-path", traps().string()});
  ASSERT_EQ(rest.exit_code, 0) << rest.err;
  expect_same_run(scene_, "whole", "cut");
}

}  // namespace
}  // namespace mixwright::e2e
