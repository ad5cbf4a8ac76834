// The shipped memories, trained for a moment on small pictures: what they are asked, what they
// restore.

#include <filesystem>

#include <gmock/gmock.h>
#include <torch/torch.h>

#include <mixwright/picture.h>

#include "framework/io/safetensors.h"
#include "tests/e2e/training_scene.h"
#include "tests/support/refusal.h"

namespace mixwright::e2e {
namespace {

namespace fs = std::filesystem;
using test::expect_refusal;

const fs::path kShipped = fs::path(MIXWRIGHT_SOURCE_DIR) / "configs/energy";

const std::vector<const char*> kHiddenOfDenoise = {"layer[0]", "layer[2]"};
const std::vector<const char*> kHiddenOfClassify = {"layer[1]"};

class Reconstruction : public testing::Test {
 protected:
  /// A shipped config on the scene's pictures of 8 x 8, with fewer hidden units.
  std::vector<std::string> small(const std::string& config,
                                 const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {(kShipped / (config + "_fashion_mnist.toml")).string()};
    for (const std::string& set : {"data.folder=" + scene_.path("").string(),
                                   std::string("data.train.images=train-images"),
                                   std::string("data.train.labels=train-labels"),
                                   std::string("data.test.images=test-images"),
                                   std::string("data.test.labels=test-labels"),
                                   std::string("train.batch_size=16"),
                                   std::string("train.threads=1"),
                                   std::string("train.device=cpu"),
                                   std::string("train.precision=float32")}) {
      words.insert(words.end(), {"--set", set});
    }
    for (const char* layer : config == "classify" ? kHiddenOfClassify : kHiddenOfDenoise) {
      words.insert(words.end(), {"--set", "model.network." + std::string(layer) + ".shape=[64]"});
    }
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  test::ProgramResult train(const std::string& out,
                            const std::vector<std::string>& more = {},
                            const std::string& config = "denoise") {
    std::vector<std::string> words = small(config, more);
    words.insert(words.begin(), "train");
    words.insert(words.end(), {"--out", out});
    return scene_.run(words);
  }

  nlohmann::json evaluated(const std::vector<std::string>& words) {
    std::vector<std::string> all = {"evaluate", "--json"};
    all.insert(all.end(), words.begin(), words.end());
    const auto told = scene_.run(all);
    EXPECT_EQ(told.exit_code, 0) << told.err;
    return nlohmann::json::parse(told.out);
  }

  TrainingScene scene_;
};

TEST_F(Reconstruction, TheShippedMemoryLearnsToCleanUp) {
  const auto trained = train("run", {"--set", "train.epochs=8"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const auto at_the_end = nlohmann::json::parse(scene_.bytes("run", "result.json"));
  const auto metrics = at_the_end.at("test").at("metrics");
  const auto before = metrics.at("psnr_before").get<double>();
  // Noise of 0.3 in units of 0.5: -20 log10(0.15) dB, give or take 60 pictures of 64 values.
  EXPECT_NEAR(before, 16.48, 0.3);
  EXPECT_GT(metrics.at("psnr").get<double>(), before + 0.5);
  // What it says to do next is what can be done with such a run.
  EXPECT_THAT(trained.out, testing::HasSubstr("mixwright recall "));
  EXPECT_THAT(trained.out, testing::Not(testing::HasSubstr("mixwright predict ")));
  // Rows of twelve pictures of 8 x 8, each enlarged to 80 x 80.
  const torch::Tensor sheet = read_picture(scene_.path("run/plots/denoising.png").string());
  EXPECT_EQ(sheet.size(0), 2 * 16 + 3 * 86 - 6);
  EXPECT_GT(sheet.size(1), 12 * 86);
}

TEST_F(Reconstruction, RecallShowsWhatTheTaskAsksAndTheOriginals) {
  ASSERT_EQ(train("run", {"--set", "train.epochs=1"}).exit_code, 0);
  for (const char* noise : {"0", "0.3"}) {
    const auto told = scene_.run({"recall",
                                  "run",
                                  "--samples",
                                  "3",
                                  "--steps",
                                  "4",
                                  "--plot",
                                  "--states",
                                  std::string(noise) + ".safetensors",
                                  "--set",
                                  "train.task.noise=" + std::string(noise)});
    ASSERT_EQ(told.exit_code, 0) << told.err;
  }
  // Five moments and the original.
  EXPECT_EQ(read_picture(scene_.path("run/plots/recall.png").string()).size(1),
            2 * 16 + 6 * (112 + 8) - 8);
  const auto shown = [&](const std::string& noise) {
    return io::load_safetensors(scene_.path(noise + ".safetensors")).at("shown")[0].atanh();
  };
  EXPECT_NEAR((shown("0.3") - shown("0")).std().item<double>(), 0.3, 0.05);  // of 192 draws: 0.015
}

TEST_F(Reconstruction, EveryEvaluationAsksTheSame) {
  ASSERT_EQ(train("one", {"--set", "train.epochs=2"}).exit_code, 0);
  ASSERT_EQ(train("two", {"--set", "train.epochs=1", "--set", "seed=9"}).exit_code, 0);
  const auto first = evaluated({"one"}).at("metrics");
  const auto again = evaluated({"one"}).at("metrics");
  const auto other = evaluated({"two"}).at("metrics");
  EXPECT_EQ(first, again);
  EXPECT_EQ(first.at("psnr_before"), other.at("psnr_before"));
  EXPECT_NE(first.at("psnr"), other.at("psnr"));
  // Each validation of a run asks the same, although each epoch of training asks anew.
  std::vector<double> before;
  for (const auto& line : scene_.metrics("one")) {
    if (line.value("kind", "") == "validation") before.push_back(line.at("psnr_before"));
  }
  ASSERT_EQ(before.size(), 2U);
  EXPECT_EQ(before[0], before[1]);
}

TEST_F(Reconstruction, CompletesWhatIsHidden) {
  const auto trained =
      train("run", {"--set", "train.epochs=5", "--set", "train.task.noise=0"}, "complete");
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const auto told = evaluated({"run"});
  const auto psnr = [](const nlohmann::json& json, const char* name) {
    return json.at("metrics").at(name).get<double>();
  };
  EXPECT_GT(psnr(told, "psnr"), psnr(told, "psnr_before") + 0.5);
  // What is asked can be changed for a measurement alone: half as much is missing.
  const auto easier = evaluated({"run", "--set", "train.task.hide_share=0.25"});
  EXPECT_NEAR(psnr(easier, "psnr_before"), psnr(told, "psnr_before") + 3, 0.5);
  EXPECT_TRUE(fs::exists(scene_.path("run/plots/completion.png")));
  EXPECT_THAT(told.at("plots").dump(), testing::HasSubstr("completion.png"));
}

TEST_F(Reconstruction, NamesAPictureThatIsHeldFast) {
  const auto trained = train("run",
                             {"--set",
                              "train.epochs=12",
                              "--set",
                              "model.network.layer[2].shape=[3]",
                              "--set",
                              "data.class_names=[\"row\", \"column\", \"diagonal\"]"},
                             "classify");
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  // Of three classes, 60 pictures: by chance 0.33, deviation 0.06.
  EXPECT_GT(evaluated({"run"}).at("metrics").at("accuracy").get<double>(), 0.8);
}

TEST_F(Reconstruction, ResumesExactly) {
  std::vector<std::string> words =
      small("denoise", {"--set", "train.task.hide=random", "--steps", "6"});
  words.insert(words.begin(), "verify-resume");
  const auto verified = scene_.run(words);
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
}

TEST_F(Reconstruction, RefusesWhatItCannotCompare) {
  expect_refusal(scene_.train("run", {"--set", "train.task=reconstruction"}),
                 1,
                 {"output [16, 3], the samples are [16, 8, 8, 1]", "leave out a head"});
  expect_refusal(train("run", {"--set", "train.task.hide=middle"}), 2, {"\"middle\""});
}

}  // namespace
}  // namespace mixwright::e2e
