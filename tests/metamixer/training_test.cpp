// The configs of configs/metamixer train: on small files of the test, from the command line.

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/e2e/training_scene.h"
#include "tests/support/paths.h"

namespace mixwright {
namespace {

/// Trains `name` for two short epochs on the scene's pictures and gives the losses of its lines.
std::vector<double> losses(const std::string& name, const std::vector<std::string>& sets) {
  const e2e::TrainingScene scene;
  const auto file = test::source_dir() / "configs" / "metamixer" / (name + ".toml");
  test::write_file(scene.path("config.toml"),
                   "extends = [\"" + file.string() + "\"]\n[data]\nfolder = \"" +
                       scene.path("").string() +
                       "\"\ntrain = { images = \"train-images\", labels = \"train-labels\" }\n"
                       "test = { images = \"test-images\", labels = \"test-labels\" }\n"
                       "class_names = [\"row\", \"column\", \"diagonal\"]\n"
                       "[train]\nepochs = 2\nbatch_size = 16\nlog_every = 1\nthreads = 1\n"
                       "precision = \"float32\"\n"
                       "[model.stage_defaults]\nembedding = { type = \"patch\", size = 2 }\n"
                       "dim = 32\ndepth = 2\n");
  std::vector<std::string> words = {
      "--quiet", "train", scene.path("config.toml").string(), "--out", scene.path("run").string()};
  for (const std::string& set : sets) words.insert(words.end(), {"--set", set});
  const test::ProgramResult result = test::run_program(e2e::program(), words);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  std::vector<double> values;
  for (const nlohmann::json& line : scene.metrics("run")) {
    if (line["kind"] == "train") values.push_back(line["loss"]);
  }
  return values;
}

double mean(const std::vector<double>& values, size_t begin, size_t end) {
  double sum = 0;
  for (size_t i = begin; i < end; ++i) sum += values[i];
  return sum / static_cast<double>(end - begin);
}

void expect_learning(const std::string& name, const std::vector<std::string>& sets = {}) {
  SCOPED_TRACE(name + (sets.empty() ? "" : " " + sets[0]));
  const std::vector<double> values = losses(name, sets);
  ASSERT_GE(values.size(), 30u);
  EXPECT_LT(mean(values, values.size() - 10, values.size()), 0.9 * mean(values, 0, 10));
}

TEST(MetamixerConfigs, Learn) {
  for (const char* name : {"self_attention",
                           "feed_forward",
                           "ffnified_attention",
                           "token_mlp",
                           "external_attention",
                           "separable_convolution"}) {
    expect_learning(name);
  }
}

TEST(MetamixerConfigs, LearnWithOneWordChanged) {
  expect_learning("ffnified_attention", {"parts.kernels.kernel=3"});
  expect_learning("ffnified_attention", {"parts.kernels.kernel=5"});
  expect_learning("ffnified_attention", {"model.stage[0].token_mixer.activation=softmax"});
}

}  // namespace
}  // namespace mixwright
