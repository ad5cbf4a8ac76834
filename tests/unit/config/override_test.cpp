#include "framework/config/override.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/config/toml_reader.h"
#include "tests/unit/config/vocabulary_lookup.h"

namespace mixwright::config {
namespace {

using testing::HasSubstr;

constexpr const char* kConfig = R"(
name = "a"
[model]
head = "classifier"
[[model.stage]]
dim = 8
token_mixer = "pooling"
[[model.stage]]
dim = 16
token_mixer = ["pooling", { type = "mlp", ratio = 2.0 }]
)";

/// The config after one override, as one line.
std::string after(const std::string& set) {
  ConfigValue root = parse_toml(kConfig, "t.toml");
  apply_overrides(root, {parse_override(set)});
  return root.toml();
}

std::string refusal(const std::string& set) {
  ConfigValue root = parse_toml(kConfig, "t.toml");
  const std::string before = root.toml();
  const std::string message = error_of([&] { apply_overrides(root, {parse_override(set)}); });
  EXPECT_EQ(root.toml(), before);
  return message;
}

TEST(Override, SetsValuesOfEveryType) {
  EXPECT_THAT(after("model.stage[0].dim=96"), HasSubstr("{ dim = 96, token_mixer"));
  EXPECT_THAT(after("model.stage[0].token_mixer=\"mlp\""),
              HasSubstr("dim = 8, token_mixer = \"mlp\""));
  EXPECT_THAT(after("model.stage[0].token_mixer=mlp"), HasSubstr("dim = 8, token_mixer = \"mlp\""));
  EXPECT_THAT(after("data.transforms=[\"flip\", {type='crop'}]"),
              HasSubstr("data = { transforms = [\"flip\", { type = \"crop\" }] }"));
  EXPECT_THAT(after("train.lr = 1e-3"), HasSubstr("train = { lr = 0.001 }"));
  EXPECT_THAT(after("a.b=true"), HasSubstr("a = { b = true }"));
  EXPECT_THAT(after("a=[\n1,\n2]"), HasSubstr("a = [1, 2]"));
}

TEST(Override, TakesAWordThatIsNoTomlAsAString) {
  EXPECT_THAT(after("name=my run 3"), HasSubstr("name = \"my run 3\""));
  EXPECT_THAT(after("name=../x.gz#1"), HasSubstr("name = \"../x.gz#1\""));
  EXPECT_THAT(after("name=2024-05-01"), HasSubstr("name = \"2024-05-01\""));
  EXPECT_THAT(after("name=a=b"), HasSubstr("name = \"a=b\""));
}

TEST(Override, AmendsAsAnExtendingFileWould) {
  EXPECT_THAT(after("model.stage[0].token_mixer.pool_size=5"),
              HasSubstr("token_mixer = { type = \"pooling\", pool_size = 5 }"));
  EXPECT_THAT(after("model.stage[0].token_mixer={pool_size=5}"),
              HasSubstr("token_mixer = { type = \"pooling\", pool_size = 5 }"));
  EXPECT_THAT(after("model.stage[1].token_mixer[1].ratio=3.0"),
              HasSubstr("[\"pooling\", { type = \"mlp\", ratio = 3.0 }]"));
  EXPECT_THAT(after("model.stage[1].token_mixer[1]={type='mlp'}"),
              HasSubstr("[\"pooling\", { type = \"mlp\" }]"));
  EXPECT_THAT(after("model.stage[1].token_mixer=[]"), HasSubstr("token_mixer = []"));
}

TEST(Override, WritesToEveryEntryOfAList) {
  EXPECT_THAT(
      after("model.stage[*].dim=96"),
      HasSubstr("stage = [{ dim = 96, token_mixer = \"pooling\" }, { dim = 96, token_mixer"));
  EXPECT_THAT(after("model.stage[*].token_mixer=linear"),
              HasSubstr("stage = [{ dim = 8, token_mixer = \"linear\" }, { dim = 16, token_mixer = "
                        "\"linear\" }]"));
  EXPECT_THAT(
      after("model.stage[1].token_mixer[*].bias=false"),
      HasSubstr("[{ type = \"pooling\", bias = false }, { type = \"mlp\", ratio = 2.0, bias "
                "= false }]"));
}

TEST(Override, WritesToEveryEntryOfAListThatStagesHaveByDefault) {
  ConfigValue root = parse_toml(
      "[model.stage_defaults]\nstep = [{ a = 1 }, { a = 2 }]\n[[model.stage]]\n[[model.stage]]\n",
      "t.toml");
  apply_overrides(root, {parse_override("model.stage[*].step[*].a=3")});
  EXPECT_THAT(root.toml(),
              HasSubstr("stage = [{ step = [{ a = 3 }, { a = 3 }] }, { step = [{ a = 3 }, { a = 3 "
                        "}] }]"));
}

TEST(Override, RefusesEveryEntryOfWhatIsNoListOrHasNone) {
  EXPECT_EQ(refusal("model.head[*]=1"),
            "--set model.head[*]=1: model.head is the string \"classifier\", not a list");
  EXPECT_EQ(refusal("model.steps[*].a=1"),
            "--set model.steps[*].a=1: model.steps is not in the config, so it has no index");
  EXPECT_EQ(refusal("model.stage[*.dim=1"),
            "--set model.stage[*.dim=1: \"]\" expected at character 14");
  ConfigValue root = parse_toml("a = []", "t.toml");
  EXPECT_EQ(error_of([&] { apply_overrides(root, {parse_override("a[*]=1")}); }),
            "--set a[*]=1: a is an empty list, [*] would change nothing");
}

TEST(Override, QuotesKeysThatAreNotBare) {
  EXPECT_THAT(after("model.share.\"head.fc.weight\"=a.b"),
              HasSubstr("share = { \"head.fc.weight\" = \"a.b\" }"));
  EXPECT_THAT(after("'x.y'=1"), HasSubstr("\"x.y\" = 1"));
}

TEST(Override, IsWhereItsValuesComeFrom) {
  ConfigValue root = parse_toml(kConfig, "t.toml");
  apply_overrides(root, {parse_override("train.optimizer={lr=1}")});
  const ConfigValue& lr = *root.find("train")->find("optimizer")->find("lr");
  EXPECT_EQ(lr.location().text(), "--set train.optimizer={lr=1}");
  EXPECT_EQ(root.find_entry("train")->key_location.text(), "--set train.optimizer={lr=1}");
}

TEST(Override, RefusesAnIndexBeyondTheList) {
  EXPECT_EQ(refusal("model.stage[2].dim=96"),
            "--set model.stage[2].dim=96: index 2 is out of range: model.stage has 2 entries, "
            "counted from 0");
  EXPECT_EQ(refusal("model.stages[0].dim=1"),
            "--set model.stages[0].dim=1: model.stages is not in the config, so it has no index");
  EXPECT_EQ(refusal("model.head[0]=1"),
            "--set model.head[0]=1: model.head is the string \"classifier\", not a list");
}

TEST(Override, RefusesAPathThroughWhatHasNoKeys) {
  EXPECT_EQ(refusal("model.stage.dim=1"),
            "--set model.stage.dim=1: model.stage is a list of 2; name an entry by its index, "
            "model.stage[0]");
  EXPECT_EQ(refusal("model.stage[0].dim.x=1"),
            "--set model.stage[0].dim.x=1: model.stage[0].dim is the integer 8 and has no keys");
}

TEST(Override, TellsWhatIsMalformed) {
  EXPECT_EQ(refusal("model.stage[0.dim=96"),
            "--set model.stage[0.dim=96: \"]\" expected at character 14");
  EXPECT_EQ(refusal("model"),
            "--set model: no \"=\"; write path=value, for example model.stage[0].dim=96");
  EXPECT_EQ(refusal("a..b=1"), "--set a..b=1: a key expected at character 3");
  EXPECT_EQ(refusal("=1"), "--set =1: a key expected at character 1");
  EXPECT_EQ(refusal("a[-1]=1"),
            "--set a[-1]=1: an index, a number that counts from 0, or * for all, expected at "
            "character 3");
  EXPECT_EQ(refusal("\"a=1"), "--set \"a=1: a closing \" expected at character 1");
  EXPECT_EQ(refusal("a b=1"), "--set a b=1: \".\", \"[\" or \"=\" expected at character 3");
  EXPECT_EQ(refusal("a="), "--set a=: no value behind \"=\"; an empty string is \"\"");
  EXPECT_THAT(refusal("a=[1, 2"), HasSubstr("--set a=[1, 2: no valid TOML: "));
  EXPECT_THAT(refusal("a={b=1"), HasSubstr("no valid TOML: "));
  EXPECT_THAT(refusal("a=\"x"), HasSubstr("no valid TOML: "));
  EXPECT_THAT(refusal("a=x\ny"), HasSubstr("as a string it needs quotes"));
  EXPECT_THAT(refusal("a=\xFF"), HasSubstr("as a string it needs quotes"));
}

TEST(Override, BoundsItsLengthAndKeepsItsNameShort) {
  const std::string message = refusal("a=\"" + std::string(1 << 20, 'x') + "\"");
  EXPECT_THAT(message, HasSubstr("longer than 65536 bytes"));
  EXPECT_LT(message.size(), 250U);
  // Cut between characters, not within one.
  const Override override = parse_override("a=" + std::string(97, 'x') + "\xC3\xA9\xC3\xA9");
  EXPECT_EQ(override.location.text(), "--set a=" + std::string(97, 'x') + "...");
}

TEST(Override, AppliesAllOrNone) {
  ConfigValue root = parse_toml(kConfig, "t.toml");
  const std::string before = root.toml();
  const std::vector<Override> overrides = {parse_override("name=b"),
                                           parse_override("model.stage[9].dim=1")};
  EXPECT_NE(error_of([&] { apply_overrides(root, overrides); }), "");
  EXPECT_EQ(root.toml(), before);
}

TEST(Override, ReachesAListInTheStageDefaults) {
  const LoadedConfig loaded = load_text(
      "[model.stage_defaults]\nstep = [{ layers = [] }, { residual = true }]\n"
      "[[model.stage]]\ndim = 1\n[[model.stage]]\ndim = 2\n",
      "t.toml",
      {"model.stage[1].step[1].residual=false"});
  const auto& stages = loaded.root.find("model")->find("stage")->as_array();
  EXPECT_TRUE(stages[0].find("step")->as_array()[1].find("residual")->as_bool());
  EXPECT_FALSE(stages[1].find("step")->as_array()[1].find("residual")->as_bool());
}

}  // namespace
}  // namespace mixwright::config
