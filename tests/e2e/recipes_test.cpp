// Every recipe of configs/recipes: it checks over a network of the zoo, and trains a small one of
// the same system for two steps on pictures that the test makes.

#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <torch/torch.h>

#include <mixwright/picture.h>

#include "tests/e2e/training_scene.h"
#include "tests/support/folder.h"

namespace mixwright::e2e {
namespace {

namespace fs = std::filesystem;

const fs::path kConfigs = fs::path(MIXWRIGHT_SOURCE_DIR) / "configs";
const fs::path kGolden = fs::path(MIXWRIGHT_SOURCE_DIR) / "tests" / "golden" / "configs";

struct Recipe {
  const char* name;
  const char* network;  ///< below configs/zoo
  const char* small;    ///< below tests/golden/configs
  int side;             ///< of its pictures
};

void PrintTo(const Recipe& recipe, std::ostream* out) {
  *out << recipe.name;
}

constexpr Recipe kRecipes[] = {
    {"imagenet_deit", "vit/vit_tiny_patch16_224", "vit/base", 32},
    {"imagenet_deit_distilled", "vit/vit_tiny_patch16_224", "vit/base", 32},
    {"imagenet_timm", "convnext/convnext_tiny", "convnext/small_activations", 32},
    {"imagenet_metaformer", "convformer/convformer_s18", "convformer/base", 64},
    {"imagenet_caformer", "caformer/caformer_s18", "caformer/small_activations", 32},
    {"imagenet_ffnet", "ffnet/ffnet_1", "ffnet/small_running_var", 32},
    {"imagenet_ffnet_distilled", "ffnet/ffnet_1", "ffnet/small_running_var", 32},
    {"cifar10_paramixer", "paramixer/paramixer_s16_224", "paramixer/parallel", 32},
    {"ninformer", "ninformer/ninformer_cifar10", "ninformer/classifier", 32},
    {"quick", "mlp_mixer/mixer_s32_224", "mlp_mixer/base", 32},
};

/// Pictures of noise in ten classes: two of each to train with, one to test.
void write_pictures(const fs::path& folder) {
  torch::manual_seed(1);
  for (const char* split : {"train", "test"}) {
    for (int label = 0; label < 10; ++label) {
      const fs::path place = folder / split / ("class" + std::to_string(label));
      fs::create_directories(place);
      for (int i = 0; i < (std::string(split) == "train" ? 2 : 1); ++i) {
        write_png((place / (std::to_string(i) + ".png")).string(),
                  torch::randint(256, {40, 48, 3}, torch::kUInt8));
      }
    }
  }
}

class Recipes : public testing::TestWithParam<Recipe> {
 protected:
  /// A config that lays the recipe on a network.
  std::string config_over(const fs::path& network) const {
    const fs::path file = folder_.path() / "run.toml";
    std::ofstream(file) << "format = 1\nname = \"run\"\nextends = [\"" << network.string()
                        << ".toml\", \"" << (kConfigs / "recipes" / GetParam().name).string()
                        << ".toml\"]\n";
    return file.string();
  }

  /// Trains two steps of batches of ten.
  test::ProgramResult train_two_steps(const fs::path& run, const std::string& teacher) const {
    const std::string data =
        "data={type=\"image_folder\", folder=\"" + (folder_.path() / "pictures").string() +
        "\", size=" + std::to_string(GetParam().side) + ", random_resized_crop={}}";
    return test::run_program(program(), {"train", config_over(kGolden / GetParam().small),
                                         "--out", run.string(),
                                         "--set", data,
                                         "--set", "train.teacher.from=\"" + teacher + "\"",
                                         "--set", "train.epochs=1",
                                         "--set", "train.batch_size=10",
                                         "--set", "train.accumulate=1",
                                         "--set", "train.holdout=0",
                                         "--set", "train.log_every=1",
                                         "--set", "train.workers=1",
                                         "--set", "train.device=cpu"});
  }

  test::TestFolder folder_{"mixwright-recipes"};
};

TEST_P(Recipes, CheckOverTheZoo) {
  const auto result = test::run_program(
      program(), {"config", "check", config_over(kConfigs / "zoo" / GetParam().network)});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, testing::Not(testing::HasSubstr("warning")));
}

TEST_P(Recipes, TrainTwoSteps) {
  write_pictures(folder_.path() / "pictures");
  const fs::path run = folder_.path() / "run";
  const bool taught = std::string(GetParam().name).ends_with("_distilled");
  const fs::path teacher = folder_.path() / "teacher";
  if (taught) {
    const auto result = train_two_steps(teacher, "");
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }
  const auto result = train_two_steps(run, taught ? teacher.string() : "");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err.find("learning from") != std::string::npos, taught) << result.err;
  std::ifstream metrics(run / "metrics.jsonl");
  std::set<int64_t> steps;
  for (std::string line; std::getline(metrics, line);) {
    const auto json = nlohmann::json::parse(line);
    if (json.contains("loss")) {
      EXPECT_TRUE(json.at("loss").is_number()) << line;
      steps.insert(json.at("step").get<int64_t>());
    }
  }
  EXPECT_THAT(steps, testing::ElementsAre(1, 2));
}

INSTANTIATE_TEST_SUITE_P(All, Recipes, testing::ValuesIn(kRecipes), [](const auto& info) {
  return std::string(info.param.name);
});

TEST(RecipeFiles, EveryRecipeIsTestedAndSaysItsSource) {
  std::set<std::string> files;
  for (const auto& entry : fs::directory_iterator(kConfigs / "recipes")) {
    if (entry.path().extension() != ".toml") continue;
    files.insert(entry.path().stem());
    std::ifstream in(entry.path());
    std::string head;
    std::string line;
    while (std::getline(in, line) && line.starts_with("#")) head += line;
    const bool ours = entry.path().stem() == "quick";
    EXPECT_TRUE(ours || head.find("arXiv:") != std::string::npos ||
                head.find("train.py") != std::string::npos)
        << entry.path();
  }
  std::set<std::string> tested;
  for (const Recipe& recipe : kRecipes) tested.insert(recipe.name);
  EXPECT_EQ(files, tested);
}

}  // namespace
}  // namespace mixwright::e2e
