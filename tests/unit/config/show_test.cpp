#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/config/defaults.h"
#include "framework/config/toml_reader.h"
#include "framework/config/toml_writer.h"
#include "tests/unit/config/vocabulary_lookup.h"

namespace mixwright::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Show, WritesTablesWherePeopleWantThem) {
  const LoadedConfig loaded = load_text(
      "name = 'a'\nmodel.stage = [{ dim = 8, block = 'serial', norm = { type = 'layer_norm' }, "
      "token_mixer = { type = 'chain', layers = [{ token_mixer = { type = 'depthwise_conv', kernel "
      "= 7 } }, { channel_mixer = 'mlp' }] } }]\nmodel.head = 'classifier'\n"
      "model.share = { 'a.b' = 'c' }\nparts.p = { type = 'mlp', ratio = 2.0 }\n",
      "t.toml");
  EXPECT_EQ(to_toml(loaded.root), R"(name = "a"

[model]
head = "classifier"
share = { "a.b" = "c" }

[[model.stage]]
dim = 8
block = "serial"
norm = { type = "layer_norm" }

[model.stage.token_mixer]
type = "chain"
layers = [{ token_mixer = { type = "depthwise_conv", kernel = 7 } }, { channel_mixer = "mlp" }]

[parts.p]
type = "mlp"
ratio = 2.0
)");
}

TEST(Show, ReadsBackAsItWas) {
  for (const std::string& name : vocabulary_names()) {
    const LoadedConfig loaded = load(vocabulary_path(name));
    for (const bool origin : {false, true}) {
      const std::string text = to_toml(loaded.root, origin);
      EXPECT_TRUE(same(parse_toml(text, "shown.toml"), loaded.root)) << name << "\n" << text;
    }
  }
}

TEST(Show, DoesNotDrift) {
  for (const std::string& name : vocabulary_names()) {
    const std::string once = to_toml(load(vocabulary_path(name)).root);
    EXPECT_EQ(to_toml(parse_toml(once, "shown.toml")), once) << name;
  }
}

TEST(Show, ReadsBackWhatIsHardToWrite) {
  const ConfigValue root = parse_toml(
      "'a b' = 1\n\"\" = 2\nf = [0.1, 1e300, -0.0, inf]\ns = \"\\u0001\\\"\\\\\\n\\u007F\"\n"
      "e = {}\nl = []\nlong = [[1, 2], ['" +
          std::string(120, 'x') +
          "', { a = 1 }]]\nt = [{}, { b = 1 }]\n[x.'y.z'.w]\nk = [{ a = [{ b = 1 }] }]\n",
      "t.toml");
  for (const bool origin : {false, true}) {
    const std::string text = to_toml(root, origin);
    EXPECT_TRUE(same(parse_toml(text, "shown.toml"), root)) << text;
  }
}

TEST(Show, TellsTheOriginOfEveryValue) {
  const LoadedConfig loaded =
      load_text("[[model.stage]]\nblock = 'serial'\ntoken_mixer = { type = 'pooling' }\n",
                "dir/t.toml",
                {"model.stage[0].dim=8"});
  const VocabularyLookup lookup;
  EXPECT_EQ(to_toml(with_defaults(loaded.root, lookup), true), R"(format = 1  # default
name = ""  # default
seed = 0  # default

[model]
network = "none"  # default
head = "none"  # default
init = "default"  # default
weight_map = ""  # default

[[model.stage]]
block = "serial"  # dir/t.toml:2:9
dim = 8  # --set model.stage[0].dim=8
embedding = "none"  # default
depth = 1  # default
repeat_stage = 1  # default
recompute = false  # default
norm = "none"  # default
channel_mixer = "none"  # default
drop_path = 0.0  # default
shared_norm = false  # default
repeat = 1  # default

[model.stage.token_mixer]
type = "pooling"  # dir/t.toml:3:24
pool_size = 3  # default
)");
}

TEST(Show, TellsTheOriginsWithinAList) {
  const ConfigValue root = parse_toml("a = ['x',\n { k = 1 }]\nb = [1,\n 2]\n", "t.toml");
  EXPECT_EQ(to_toml(root, true),
            "a = [\n  \"x\",  # t.toml:1:6\n  { k = 1 },  # t.toml:2:8\n]\n"
            "b = [1, 2]  # t.toml:3:6, t.toml:4:2\n");
}

TEST(Defaults, SayTheSame) {
  for (const std::string& name : vocabulary_names()) {
    const LoadedConfig loaded = load(vocabulary_path(name));
    const VocabularyLookup lookup(loaded.root.find("parts"));
    const std::string text = to_toml(with_defaults(loaded.root, lookup));
    const LoadedConfig again = load_text(text, "filled.toml");
    EXPECT_EQ(again.root.find("parts"), nullptr);
    EXPECT_THAT(lines(check_all(again)), ElementsAre()) << name << "\n" << text;
    // All is said: filling it again changes nothing.
    EXPECT_EQ(to_toml(with_defaults(again.root, VocabularyLookup())), text) << name;
  }
}

TEST(Defaults, FillNestedTablesAndComponents) {
  const LoadedConfig loaded = load_text(
      "[train]\ntask = 'classification'\noptimizer = { lr = 1.0 }\n[data]\ntype = 'idx'\nimages = "
      "'x'\n[model]\nhead = { type = 'classifier', hidden_norm = 'mine' }\n[parts]\nmine = { type "
      "= "
      "'layer_norm', eps = 1.0 }\n",
      "t.toml");
  const VocabularyLookup lookup(loaded.root.find("parts"));
  const ConfigValue filled = with_defaults(loaded.root, lookup);
  EXPECT_THAT(filled.find("model")->find("head")->toml(),
              HasSubstr("hidden_norm = { type = \"layer_norm\", eps = 1.0, over = \"channels\", "
                        "affine = \"all\", bias = true }"));
  EXPECT_THAT(filled.find("train")->find("optimizer")->toml(), HasSubstr("weight_decay"));
  EXPECT_EQ(filled.find("train")->find("task")->toml(),
            "{ type = \"classification\", label_smoothing = 0.0 }");
  EXPECT_EQ(filled.find("data")->toml(),
            "{ type = \"idx\", images = \"x\", labels = \"\", mean = [] }");
}

}  // namespace
}  // namespace mixwright::config
