#include "framework/config/run_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/vocabulary_lookup.h"

namespace mixwright::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kModel =
    "[model]\ninput = { shape = [8, 8, 3], classes = 10 }\nhead = 'classifier'\n"
    "[[model.stage]]\nembedding = { type = 'patch', size = 4 }\ndim = 8\ndepth = 2\n"
    "block = 'serial'\n";  // eight lines

/// Errors of a config whose stage ends with `rest`.
std::vector<std::string> errors(const std::string& rest) {
  return lines(check_text(kModel + rest));
}

TEST(RunConfig, FindsNothingWrongWithTheVocabulary) {
  for (const std::string& name : vocabulary_names()) {
    const Diagnostics diagnostics = check_all(load(vocabulary_path(name)));
    EXPECT_THAT(lines(diagnostics), ElementsAre()) << name;
  }
}

TEST(RunConfig, ReadsItsSections) {
  const LoadedConfig loaded = load_text(std::string(R"(
format = 1
name = "run"
seed = 7
[data]
type = "idx"
images = "a.gz"
limit_train = 100
[train]
task = "classification"
epochs = 3
)") + kModel + "norm = 'layer_norm'\ntoken_mixer = 'pooling'\n",
                                        "t.toml");
  const VocabularyLookup lookup;
  Diagnostics diagnostics;
  const RunConfig config = read_config(loaded.root, lookup, diagnostics);
  EXPECT_THAT(lines(diagnostics), ElementsAre());
  EXPECT_EQ(config.name, "run");
  EXPECT_EQ(config.seed, 7);
  EXPECT_EQ(config.dataset.toml(), "{ type = \"idx\", images = \"a.gz\" }");
  EXPECT_EQ(config.data.limit_train, 100);
  EXPECT_FALSE(config.data.limit_test.has_value());
  ASSERT_TRUE(config.train.has_value());
  EXPECT_EQ(config.train->epochs, 3);
  ASSERT_TRUE(config.model.input.has_value());
  EXPECT_THAT(config.model.input->shape, ElementsAre(8, 8, 3));
  ASSERT_EQ(config.stages.size(), 1U);
  EXPECT_EQ(config.stages[0].options.depth, 2);
  EXPECT_EQ(config.stages[0].blocks[0].toml(),
            "{ type = \"serial\", norm = \"layer_norm\", token_mixer = \"pooling\" }");
}

TEST(RunConfig, ReportsEverythingAtOnce) {
  EXPECT_THAT(
      lines(check_text(R"(nam = "x"
seed = "one"
[data]
type = "idx"
imags = "a"
limit_trian = 3
[train]
epochs = -1
[model]
input = { shape = [8, 0, 3] }
head = { type = "clasifier" }
[[model.stage]]
dim = 8
block = "serial"
token_mixer = { type = "pooling", pool_size = 4 }
channel_mixer = { type = "mlp", activation = "gleu" }
layr_scale = 1e-5
)")),
      ElementsAre(
          "t.toml:1:1: unknown option \"nam\"; did you mean \"name\"?",
          "t.toml:2:8: seed: an integer expected, the string \"one\" found",
          "t.toml:3:1: option \"images\" of dataset \"idx\" is required and missing",
          "t.toml:5:1: unknown option \"imags\" of dataset \"idx\"; did you mean \"images\"?",
          "t.toml:6:1: unknown option \"data.limit_trian\"; did you mean \"limit_train\"?",
          "t.toml:7:1: option \"train.task\" is required and missing",
          "t.toml:8:10: train.epochs = -1: must be at least 0",
          "t.toml:10:23: model.input.shape = 0: must be at least 1",
          "t.toml:11:17: unknown head \"clasifier\"; did you mean \"classifier\"?",
          "t.toml:15:47: pool_size = 4 of token mixer \"pooling\": must be odd; nearest are "
          "3 and 5",
          "t.toml:16:46: unknown activation \"gleu\"; did you mean \"gelu\"?",
          "t.toml:17:1: unknown option \"layr_scale\" of model.stage[0] with block "
          "\"serial\"; did you mean \"layer_scale\"?"));
}

TEST(RunConfig, NeedsAModelWithStages) {
  EXPECT_THAT(lines(check_text("seed = 1\n")),
              ElementsAre("t.toml:1:1: section [model] is missing"));
  EXPECT_THAT(lines(check_text("[model]\nhead = 'classifier'\n")),
              ElementsAre("t.toml:1:1: the model has no stage; begin one by [[model.stage]]"));
  EXPECT_THAT(lines(check_text("[model]\nstage = []\n")),
              ElementsAre("t.toml:2:9: the model has no stage; begin one by [[model.stage]]"));
  EXPECT_THAT(
      lines(check_text("[model.stage]\ndim = 3\n")),
      ElementsAre("t.toml:1:1: model.stage: a list of tables expected, [[model.stage]] with "
                  "two brackets"));
  EXPECT_THAT(lines(check_text("[model.stage_default]\ndepth = 1\n[[model.stage]]\ndepth = 0\n")),
              ElementsAre("t.toml:1:8: unknown option \"model.stage_default\"; did you mean "
                          "\"stage_defaults\"?"));
}

TEST(RunConfig, LetsListsCycleBelowBlocksOnly) {
  EXPECT_THAT(errors("token_mixer = ['pooling', { type = 'gated', gate = ['serial', 'none'] }]\n"),
              ElementsAre());
  EXPECT_THAT(lines(check_text("[model]\nhead = ['classifier']\n[[model.stage]]\ndepth = 0\n"
                               "embedding = ['tokens', 'tokens']\n")),
              ElementsAre("t.toml:2:8: one head expected, a list found; only below a block does a "
                          "list cycle over the blocks of a stage",
                          "t.toml:5:13: one embedding expected, a list found; only below a block "
                          "does a list cycle over the blocks of a stage"));
  EXPECT_THAT(errors("norm = []\n"),
              ElementsAre("t.toml:9:8: a list of normalizations is empty; \"none\" leaves it out"));
  EXPECT_THAT(errors("norm = [['layer_norm']]\n"),
              ElementsAre("t.toml:9:9: a normalization expected, a name or a table with a type, a "
                          "list found"));
}

TEST(RunConfig, ChecksEntriesOfAListThatAreNotUsed) {
  const Diagnostics diagnostics =
      check_text(std::string(kModel) + "token_mixer = ['pooling', 'pooling', 'poolin']\n");
  EXPECT_THAT(
      lines(diagnostics),
      ElementsAre("t.toml:9:38: unknown token mixer \"poolin\"; did you mean \"pooling\"?"));
  ASSERT_EQ(diagnostics.warnings().size(), 1U);
  EXPECT_EQ(diagnostics.warnings()[0].text(),
            "t.toml:9:15: a list of 3 token mixers for a depth of 2: those behind number 2 are not "
            "used");
}

TEST(RunConfig, WarnsOfAListOfBlocksLongerThanTheDepth) {
  const Diagnostics diagnostics = check_text(
      "[[model.stage]]\ndepth = 1\nblock = ['parallel', 'serial']\nnorm = 'layer_norm'\n");
  EXPECT_TRUE(diagnostics.ok());
  ASSERT_EQ(diagnostics.warnings().size(), 1U);
  EXPECT_THAT(diagnostics.warnings()[0].text(), HasSubstr("t.toml:3:9: a list of 2 blocks"));
}

TEST(RunConfig, SaysOnceWhatManyStagesShare) {
  const Diagnostics diagnostics = check_text(
      "[model.stage_defaults]\nblock = ['serial', 'parallel']\nnorms = 3\ndepth = 1\n"
      "[[model.stage]]\ndim = 8\n[[model.stage]]\ndim = 9\n");
  ASSERT_EQ(diagnostics.warnings().size(), 1U);
  EXPECT_THAT(diagnostics.warnings()[0].text(), HasSubstr("t.toml:2:9: a list of 2 blocks"));
  ASSERT_EQ(diagnostics.errors().size(), 1U);
  EXPECT_THAT(diagnostics.errors()[0].text(), HasSubstr("\"norms\" of model.stage[0] with block"));
}

TEST(RunConfig, ChecksPartsWhereTheyAreUsed) {
  EXPECT_THAT(
      errors("token_mixer = 'mine'\n[parts.mine]\ntype = 'pooling'\npool_siz = 5\n"),
      ElementsAre("t.toml:12:1: unknown option \"pool_siz\" of token mixer \"pooling\"; did "
                  "you mean \"pool_size\"?"));
  EXPECT_THAT(errors("token_mixer = 'miner'\n[parts.mine]\ntype = 'pooling'\n"),
              ElementsAre("t.toml:9:15: unknown token mixer \"miner\"; did you mean the part "
                          "\"mine\"?"));
}

TEST(RunConfig, ChecksPartsThatAreNotUsed) {
  const Diagnostics diagnostics =
      check_text(std::string(kModel) + "[parts.mine]\ntype = 'conv'\nkernal = 5\n");
  EXPECT_THAT(
      lines(diagnostics),
      ElementsAre("t.toml:11:1: unknown option \"kernal\" of embedding \"conv\"; did you mean "
                  "\"kernel\"?"));
  ASSERT_EQ(diagnostics.warnings().size(), 1U);
  EXPECT_EQ(diagnostics.warnings()[0].text(), "t.toml:9:8: part \"mine\" is not used");
  EXPECT_THAT(errors("[parts]\na = 3\nb = 'classifer'\nnone = 'conv'\n"),
              ElementsAre("t.toml:10:5: parts.a: a component expected, the integer 3 found",
                          "t.toml:11:5: unknown component \"classifer\"; did you mean "
                          "\"classifier\"?",
                          "t.toml:12:1: a part cannot be called \"none\"; that word is taken"));
}

TEST(RunConfig, StopsWherePartsContainThemselvesOrMultiply) {
  EXPECT_THAT(errors("token_mixer = 'a'\n[parts]\na = { type = 'gated', gate = 'b' }\n"
                     "b = { type = 'serial', token_mixer = 'a' }\n"),
              ElementsAre("t.toml:12:38: a part contains itself: \"a\" -> \"b\" -> \"a\""));
  std::string parts = "token_mixer = 'p0'\n[parts]\n";
  for (int i = 0; i < 30; ++i) {
    const std::string next = "{ token_mixer = 'p" + std::to_string(i + 1) + "' }";
    parts +=
        "p" + std::to_string(i) + " = { type = 'chain', layers = [" + next + ", " + next + "] }\n";
  }
  EXPECT_THAT(errors(parts + "p30 = 'identity'\n"),
              ElementsAre(HasSubstr("more than 20000 components; parts that name parts multiply")));
}

TEST(RunConfig, NamesThePlaceOnTheCommandLine) {
  EXPECT_THAT(
      lines(check_text(kModel, {"model.stage[0].dim=0", "model.stage[0].token_mixr=x"})),
      ElementsAre("--set model.stage[0].dim=0: dim = 0 of model.stage[0]: must be at least 1",
                  "--set model.stage[0].token_mixr=x: unknown option \"token_mixr\" of "
                  "model.stage[0] with block \"serial\"; did you mean \"token_mixer\"?"));
}

TEST(RunConfig, TiesTensorsByStrings) {
  const std::string head = "[model.share]\n'a.b' = 'c.d'\n";
  const LoadedConfig loaded = load_text(kModel + head, "t.toml");
  const VocabularyLookup lookup;
  Diagnostics diagnostics;
  const RunConfig config = read_config(loaded.root, lookup, diagnostics);
  ASSERT_EQ(config.model.share.entries.size(), 1U);
  EXPECT_EQ(config.model.share.entries[0], std::pair(std::string("a.b"), std::string("c.d")));
  EXPECT_THAT(
      errors("[model.share]\n'a.b' = 3\n"),
      ElementsAre("t.toml:10:9: model.share.\"a.b\": a string expected, the integer 3 found"));
}

}  // namespace
}  // namespace mixwright::config
