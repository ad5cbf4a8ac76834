#include "framework/config/loader.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/config/merge.h"
#include "framework/config/toml_reader.h"
#include "tests/unit/config/vocabulary_lookup.h"

namespace mixwright::config {
namespace {

using testing::ElementsAre;

std::string merged_text(const std::string& base, const std::string& over) {
  return merged(parse_toml(base, "base.toml"), parse_toml(over, "over.toml")).toml();
}

TEST(Merge, GoesKeyByKey) {
  EXPECT_EQ(merged_text("[t]\na = 1\nb = 2", "[t]\nb = 3\nc = 4"),
            "{ t = { a = 1, b = 3, c = 4 } }");
}

TEST(Merge, ReplacesByATableThatNamesAType) {
  EXPECT_EQ(merged_text("m = { type = 'pooling', pool_size = 5 }", "m = { type = 'mlp' }"),
            "{ m = { type = \"mlp\" } }");
  EXPECT_EQ(merged_text("m = { type = 'pooling', pool_size = 5 }", "m = 'mlp'"), "{ m = \"mlp\" }");
}

TEST(Merge, AmendsByATableThatNamesNone) {
  EXPECT_EQ(merged_text("m = { type = 'pooling', pool_size = 3 }", "m = { pool_size = 5 }"),
            "{ m = { type = \"pooling\", pool_size = 5 } }");
  EXPECT_EQ(merged_text("m = 'pooling'", "m = { pool_size = 5 }"),
            "{ m = { type = \"pooling\", pool_size = 5 } }");
}

TEST(Merge, ReplacesListsWhole) {
  EXPECT_EQ(merged_text("a = [1, 2, 3]\n[[s]]\nx = 1\n[[s]]\nx = 2", "a = [4]\n[[s]]\ny = 3"),
            "{ a = [4], s = [{ y = 3 }] }");
  EXPECT_EQ(merged_text("m = ['a', 'b']", "m = { x = 1 }"), "{ m = { x = 1 } }");
}

TEST(Merge, KeepsThePlaceOfEachValue) {
  const ConfigValue both =
      merged(parse_toml("m = 'pooling'", "base.toml"), parse_toml("\nm = { k = 5 }", "over.toml"));
  EXPECT_EQ(both.find("m")->find("type")->location().text(), "base.toml:1:5");
  EXPECT_EQ(both.find("m")->find("k")->location().text(), "over.toml:2:11");
  EXPECT_EQ(both.find_entry("m")->key_location.text(), "over.toml:2:1");
}

TEST(Loader, LaysBasesInOrderUnderTheFile) {
  const TestFolder folder;
  folder.write("recipes/one.toml", "seed = 1\nname = 'one'\n[train]\nepochs = 1\n");
  folder.write("recipes/two.toml", "extends = 'deep/three.toml'\nname = 'two'\n");
  folder.write("recipes/deep/three.toml", "[train]\nepochs = 3\nbatch_size = 3\n");
  const std::string file = folder.write(
      "zoo/a.toml",
      "extends = ['../recipes/one.toml', '../recipes/two.toml']\n[train]\nbatch_size = 4\n");
  const LoadedConfig loaded = load(file);
  EXPECT_EQ(loaded.root.toml(),
            "{ seed = 1, name = \"two\", train = { epochs = 3, batch_size = 4 } }");
  EXPECT_EQ(loaded.root.find("name")->location().text(), folder.path("recipes/two.toml") + ":2:8");
  EXPECT_THAT(loaded.files,
              ElementsAre(folder.path("recipes/one.toml"),
                          folder.path("recipes/deep/three.toml"),
                          folder.path("recipes/two.toml"),
                          file));
}

TEST(Loader, TellsTheCircleOfExtends) {
  const TestFolder folder;
  const std::string a = folder.write("a.toml", "extends = 'b.toml'\n");
  const std::string b = folder.write("b.toml", "\nextends = [\"./a.toml\"]\n");
  EXPECT_EQ(error_of([&] { load(a); }),
            b + ":2:12: extends goes in a circle: " + a + " -> " + b + " -> " + a);
  const std::string self = folder.write("self.toml", "extends = 'self.toml'\n");
  EXPECT_EQ(error_of([&] { load(self); }),
            self + ":1:11: extends goes in a circle: " + self + " -> " + self);
}

TEST(Loader, TellsWhereAMissingBaseIsNamed) {
  const TestFolder folder;
  const std::string file = folder.write("a.toml", "name = 'x'\nextends = ['no.toml']\n");
  EXPECT_EQ(error_of([&] { load(file); }),
            file + ":2:12: extends \"no.toml\": there is no such file (it would be " +
                folder.path("no.toml") + ")");
  EXPECT_EQ(error_of([] { load_text("extends = 3", "t.toml"); }),
            "t.toml:1:11: extends: a path or a list of paths expected, the integer 3 found");
}

TEST(Loader, StopsWhereBasesMultiply) {
  const TestFolder folder;
  for (int i = 0; i < 12; ++i) {
    const std::string next = std::to_string(i + 1) + ".toml";
    folder.write(std::to_string(i) + ".toml", "extends = ['" + next + "', '" + next + "']\n");
  }
  folder.write("12.toml", "seed = 1\n");
  EXPECT_THAT(error_of([&] { load(folder.path("0.toml")); }),
              testing::HasSubstr("more than 256 configs lie under one another"));
}

TEST(Loader, LaysStageDefaultsUnderEveryStage) {
  const LoadedConfig loaded = load_text(R"(
[model.stage_defaults]
depth = 2
token_mixer = "pooling"
norm = { type = "layer_norm", eps = 1e-5 }
[[model.stage]]
dim = 8
token_mixer = { pool_size = 5 }
[[model.stage]]
depth = 1
norm = { type = "batch_norm" }
)",
                                        "t.toml");
  EXPECT_EQ(loaded.root.find("model")->toml(),
            "{ stage = [{ depth = 2, token_mixer = { type = \"pooling\", pool_size = 5 }, norm = "
            "{ type = \"layer_norm\", eps = 1e-05 }, dim = 8 }, { depth = 1, token_mixer = "
            "\"pooling\", norm = { type = \"batch_norm\" } }] }");
}

TEST(Loader, AppliesOverridesUnderTheSameRules) {
  const std::string text = "[model.stage_defaults]\ndepth = 2\n[[model.stage]]\ndim = 8\n";
  const auto model = [&](const std::string& set) {
    return load_text(text, "t.toml", {set}).root.find("model")->toml();
  };
  EXPECT_EQ(model("model.stage_defaults.depth=3"), "{ stage = [{ depth = 3, dim = 8 }] }");
  EXPECT_EQ(model("model.stage[0].depth=4"), "{ stage = [{ depth = 4, dim = 8 }] }");
  EXPECT_EQ(
      error_of([&] { model("extends=a.toml"); }),
      "--set extends=a.toml: extends is set in a file only; write a config that extends both");
}

TEST(Loader, AcceptsItsOwnFormatOnly) {
  EXPECT_EQ(error_of([] { load_text("format = 1", "t.toml"); }), "");
  EXPECT_EQ(error_of([] { load_text("\nformat = 2", "t.toml"); }),
            "t.toml:2:10: format = 2: this program reads configs of format = 1");
  EXPECT_EQ(error_of([] { load_text("format = \"1\"", "t.toml"); }),
            "t.toml:1:10: format = \"1\": this program reads configs of format = 1");
}

TEST(Loader, FindsPluginsBesideTheFileThatNamesThem) {
  const TestFolder folder;
  folder.write("base/b.toml", "[plugins]\npath = ['../mine', '/abs']\n");
  const std::string file = folder.write("zoo/a.toml", "extends = '../base/b.toml'\n");
  EXPECT_THAT(plugin_paths(load(file).root), ElementsAre(folder.path("mine"), "/abs"));
  EXPECT_THAT(plugin_paths(load(file, {"plugins.path=here"}).root), ElementsAre("here"));
}

TEST(Loader, ReadsTheWholeVocabulary) {
  const std::vector<std::string> names = vocabulary_names();
  ASSERT_EQ(names.size(), 19U);
  for (const std::string& name : names) {
    const LoadedConfig loaded = load(vocabulary_path(name));
    EXPECT_NE(loaded.root.find("model")->find("stage"), nullptr) << name;
  }
}

}  // namespace
}  // namespace mixwright::config
