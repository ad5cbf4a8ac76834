// mixwright weights export: a run's checkpoint under another project's names, and back.

#include <filesystem>

#include <gmock/gmock.h>

#include "framework/io/safetensors.h"
#include "tests/e2e/training_scene.h"
#include "tests/support/refusal.h"

namespace mixwright::e2e {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Export : public testing::Test {
 protected:
  void SetUp() override {
    test::write_file(scene_.path("map.toml"),
                     "format = 1\n[[rule]]\nfrom = \"theirs.{name:*}\"\nto = \"{name}\"\n");
    const auto trained = scene_.train("run",
                                      {"--set",
                                       "train.epochs=2",
                                       "--set",
                                       "model.weight_map=" + scene_.path("map.toml").string()});
    ASSERT_EQ(trained.exit_code, 0) << trained.err;
  }
  std::map<std::string, torch::Tensor> read(const std::string& name) const {
    return io::load_safetensors(scene_.path(name));
  }
  void expect_the_weights_of(const std::string& checkpoint, const std::string& exported) {
    const auto trained = read(checkpoint + "/model.safetensors");
    const auto theirs = read(exported);
    ASSERT_EQ(theirs.size(), trained.size());
    for (const auto& [name, tensor] : trained) {
      EXPECT_TRUE(theirs.at("theirs." + name).equal(tensor)) << name;
    }
  }

  TrainingScene scene_;
};

TEST_F(Export, ARunNeedsNeitherConfigNorMapNorData) {
  for (const std::string file : {"train-images", "train-labels", "test-images", "test-labels"}) {
    ASSERT_TRUE(fs::remove(scene_.path(file)));
  }
  const auto best = scene_.run({"weights", "export", "run", "best.safetensors"});
  ASSERT_EQ(best.exit_code, 0) << best.err;
  expect_the_weights_of("run/best", "best.safetensors");
  const auto last =
      scene_.run({"weights", "export", "--checkpoint", "last", "run", "last.safetensors"});
  ASSERT_EQ(last.exit_code, 0) << last.err;
  expect_the_weights_of("run/last", "last.safetensors");
}

TEST_F(Export, WhatWentOutComesInAgain) {
  ASSERT_EQ(scene_.run({"weights", "export", "run", "out.safetensors"}).exit_code, 0);
  const auto imported = scene_.run({"weights",
                                    "import",
                                    "--map",
                                    "map.toml",
                                    "--config",
                                    "tiny.toml",
                                    "out.safetensors",
                                    "again.safetensors"});
  ASSERT_EQ(imported.exit_code, 0) << imported.err;
  const auto again = read("again.safetensors");
  for (const auto& [name, tensor] : read("run/best/model.safetensors")) {
    EXPECT_TRUE(again.at(name).equal(tensor)) << name;
  }
}

TEST_F(Export, ACheckpointIsChosenOfARunAlone) {
  test::expect_refusal(scene_.run({"weights",
                                   "export",
                                   "--config",
                                   "tiny.toml",
                                   "--checkpoint",
                                   "last",
                                   "run/last/model.safetensors",
                                   "out.safetensors"}),
                       2,
                       {"--checkpoint", "no folder"});
  test::expect_refusal(
      scene_.run({"weights", "export", "run/last/model.safetensors", "out.safetensors"}),
      2,
      {"--config FILE expected"});
}

}  // namespace
}  // namespace mixwright::e2e
