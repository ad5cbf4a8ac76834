// mixwright predict: what it says of pictures, of good ones and of others.

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <torch/torch.h>

#include <mixwright/picture.h>

#include "framework/data/normalization.h"
#include "framework/io/safetensors.h"
#include "framework/train/input_facts.h"
#include "tests/e2e/training_scene.h"
#include "tests/support/refusal.h"

namespace mixwright::e2e {
namespace {

namespace fs = std::filesystem;
using test::expect_refusal;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr int64_t kPictureSide = 8;
constexpr int64_t kPictureHeader = 16;  // of an IDX file of pictures
constexpr int64_t kLabelHeader = 8;
constexpr int64_t kTestSamples = 60;

/// A run of one epoch whose weights are averaged, and its test pictures as PNG files.
class Predict : public testing::Test {
 protected:
  void SetUp() override {
    const auto trained =
        scene_.train("run", {"--set", "train.epochs=1", "--set", "train.ema.decay=0.9"});
    ASSERT_EQ(trained.exit_code, 0) << trained.err;
    pictures_ = scene_.bytes(".", "test-images");
    labels_ = scene_.bytes(".", "test-labels");
    for (int64_t i = 0; i < kTestSamples; ++i) write(name_of(i), sample(i));
  }

  static std::string name_of(int64_t i) {
    return "pictures/" + std::string(i < 10 ? "0" : "") + std::to_string(i) + ".png";
  }
  /// [8, 8, 1] bytes.
  torch::Tensor sample(int64_t i) {
    return torch::from_blob(pictures_.data() + kPictureHeader + i * kPictureSide * kPictureSide,
                            {kPictureSide, kPictureSide, 1},
                            torch::kUInt8)
        .clone();
  }
  void write(const std::string& name, const torch::Tensor& picture) {
    const fs::path path = scene_.path(name);
    fs::create_directories(path.parent_path());
    write_png(path.string(), picture);
  }
  test::ProgramResult predict(std::vector<std::string> more) {
    more.insert(more.begin(), {"predict", "run"});
    return scene_.run(more);
  }
  static nlohmann::json json_of(const test::ProgramResult& result) {
    return nlohmann::json::parse(result.out);
  }
  nlohmann::json answers_to(const std::string& file) {
    return json_of(predict({file, "--json"})).at("pictures").at(0).at("predictions");
  }

  TrainingScene scene_;
  std::string pictures_;
  std::string labels_;
};

TEST_F(Predict, IsTheForwardOfTheDatasetsSample) {
  const std::vector<std::string> names = {"row", "column", "diagonal"};
  const auto told = json_of(predict({"pictures", "--json"})).at("pictures");
  ASSERT_EQ(told.size(), static_cast<size_t>(kTestSamples));
  std::vector<torch::Tensor> samples;
  for (int64_t i = 0; i < kTestSamples; ++i) samples.push_back(sample(i));
  const data::SampleFacts info = train::read_input_facts(scene_.path("run"));
  io::write_safetensors(scene_.path("x.safetensors"),
                        {{"x", data::normalised(torch::stack(samples), info)}});
  const auto forward = scene_.run({"forward",
                                   "run",
                                   "--weights",
                                   "run/best/ema.safetensors",
                                   "--input",
                                   "x.safetensors",
                                   "--output",
                                   "y.safetensors"});
  ASSERT_EQ(forward.exit_code, 0) << forward.err;
  const torch::Tensor expected =
      io::load_safetensors(scene_.path("y.safetensors")).at("y").softmax(1);
  int64_t right = 0;
  for (int64_t i = 0; i < kTestSamples; ++i) {
    const auto& row = told[static_cast<size_t>(i)];
    EXPECT_EQ(row.at("file"), name_of(i));
    ASSERT_EQ(row.at("predictions").size(), 3U);
    const auto best = expected[i].argmax().item<int64_t>();
    EXPECT_EQ(row.at("predictions")[0].at("label"), names[static_cast<size_t>(best)]);
    for (const auto& answer : row.at("predictions")) {
      const auto name = answer.at("label").get<std::string>();
      const auto label = std::find(names.begin(), names.end(), name) - names.begin();
      EXPECT_NEAR(answer.at("probability").get<double>(), expected[i][label].item<double>(), 1e-5);
    }
    if (best == labels_[static_cast<size_t>(kLabelHeader + i)]) ++right;
  }
  const auto evaluated = json_of(scene_.run({"evaluate", "run", "--json"}));
  EXPECT_NEAR(evaluated.at("metrics").at("accuracy").get<double>(),
              static_cast<double>(right) / kTestSamples,
              1e-9);
}

TEST_F(Predict, OtherSizesAndColoursAreTheSamePicture) {
  const torch::Tensor picture = sample(3);
  write("odd/coloured.png", picture.expand({kPictureSide, kPictureSide, 3}).contiguous());
  EXPECT_EQ(answers_to("odd/coloured.png"), answers_to(name_of(3)));

  const torch::Tensor large = picture.repeat_interleave(9, 0).repeat_interleave(9, 1);
  write("odd/large.png", large);
  write("odd/small.png", resize_picture(large, kPictureSide, kPictureSide));
  EXPECT_EQ(answers_to("odd/large.png"), answers_to("odd/small.png"));

  torch::Tensor wide = torch::full({kPictureSide, 3 * kPictureSide, 1}, 77, torch::kUInt8);
  wide.narrow(1, kPictureSide, kPictureSide).copy_(picture);
  write("odd/wide.png", wide);
  EXPECT_EQ(answers_to("odd/wide.png"), answers_to(name_of(3)));

  write("odd/negative.png", 255 - picture);
  EXPECT_EQ(json_of(predict({"odd/negative.png", "--json", "--invert"}))
                .at("pictures")[0]
                .at("predictions"),
            answers_to(name_of(3)));
}

TEST_F(Predict, NeedsNoData) {
  TrainingScene scene;
  ASSERT_EQ(scene.train("run", {"--set", "train.epochs=1"}).exit_code, 0);
  for (const char* file : {"train-images", "train-labels", "test-images", "test-labels"}) {
    fs::remove(scene.path(file));
  }
  const auto result = scene.run({"predict", "run", scene_.path(name_of(0)).string(), "--top", "1"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, testing::ContainsRegex("00.png  (row|column|diagonal) +[0-9.]+ %"));
  EXPECT_EQ(result.err, "");
}

TEST_F(Predict, ALineForEachPictureAndASheet) {
  const auto result = predict({"pictures", "--top", "2", "--out", "sheets/sheet.png"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '%'), 2 * kTestSamples);
  EXPECT_THAT(result.out, HasSubstr("Drawn: sheets/sheet.png\n"));
  const PictureInfo info = read_picture_info(scene_.path("sheets/sheet.png").string());
  EXPECT_GT(info.width, 1000);
  EXPECT_GT(info.height, 1000);
  EXPECT_THAT(predict({name_of(0), "--checkpoint", "last", "--set", "train.device=cpu"}).exit_code,
              0);
}

TEST_F(Predict, ADamagedFileDoesNotStopTheOthers) {
  write("mixed/a.png", sample(0));
  write("mixed/deep/z.PNG", sample(1));
  write("mixed/.hidden.png", sample(1));
  const std::string good = scene_.bytes("mixed", "a.png");
  test::write_file(scene_.path("mixed/cut.png"), good.substr(0, good.size() / 2));
  test::write_file(scene_.path("mixed/notes.txt"), "no picture");
  fs::create_directories(scene_.path("empty"));
  const auto result = predict({"mixed", "absent.jpg", "empty", "--json", "--out", "mixed.png"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("mixed/cut.png: is a damaged or cut-off PNG file"));
  EXPECT_THAT(result.err, HasSubstr("absent.jpg: cannot be opened"));
  EXPECT_THAT(result.err, HasSubstr("empty: no picture in this folder"));
  const auto json = json_of(result);
  ASSERT_EQ(json.at("pictures").size(), 2U);
  EXPECT_EQ(json.at("pictures")[0].at("file"), "mixed/a.png");
  EXPECT_EQ(json.at("pictures")[1].at("file"), "mixed/deep/z.PNG");
  EXPECT_EQ(json.at("failed").size(), 3U);
  EXPECT_EQ(json.at("sheet"), "mixed.png");
  EXPECT_TRUE(fs::exists(scene_.path("mixed.png")));

  const auto nothing = predict({"absent.jpg", "--out", "none.png"});
  EXPECT_EQ(nothing.exit_code, 1);
  EXPECT_FALSE(fs::exists(scene_.path("none.png")));
}

TEST_F(Predict, WrongUsageIsOneLine) {
  expect_refusal(predict({name_of(0), "--top", "0"}), 2, {"--top 0: 1 or more"});
  expect_refusal(predict({name_of(0), "--out", "sheet.jpg"}), 2, {"--out sheet.jpg", ".png"});
  expect_refusal(predict({name_of(0), "--checkpoint", "step-9"}), 2, {"run", "\"step-9\""});
  expect_refusal(scene_.run({"predict", "pictures", name_of(0)}), 2, {"has no checkpoint"});
}

TEST_F(Predict, ARunWithoutInputFactsGetsThemByResume) {
  fs::copy(scene_.path("run"),
           scene_.path("old"),
           fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  const std::string facts = scene_.bytes("old", "input.toml");
  fs::remove(scene_.path("old/input.toml"));
  expect_refusal(scene_.run({"predict", "old", name_of(0)}),
                 2,
                 {"old/input.toml: is missing", "train old --resume"});
  ASSERT_EQ(scene_.run({"train", "old", "--resume"}).exit_code, 0);
  EXPECT_EQ(scene_.bytes("old", "input.toml"), facts);
  EXPECT_EQ(scene_.run({"predict", "old", name_of(0)}).exit_code, 0);

  test::write_file(scene_.path("old/input.toml"), facts + "future = 1\n");
  expect_refusal(scene_.run({"predict", "old", name_of(0)}), 2, {"old/input.toml:", "future"});
}

TEST_F(Predict, ANetworkForOtherThingsThanPicturesSaysSo) {
  fs::copy(scene_.path("run"),
           scene_.path("series"),
           fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  data::SampleFacts info = train::read_input_facts(scene_.path("series"));
  info.input.grid = {64};
  train::write_input_facts(scene_.path("series"), info);
  expect_refusal(scene_.run({"predict", "series", name_of(0)}),
                 2,
                 {"series: its samples are [64, 1]", "mixwright forward"});
}

}  // namespace
}  // namespace mixwright::e2e
