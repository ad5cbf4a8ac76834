#include "framework/config/toml_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/vocabulary_lookup.h"

namespace mixwright::config {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

std::string parse_error(const std::string& text) {
  return error_of([&] { parse_toml(text, "t.toml"); });
}

TEST(TomlReader, GivesEveryTypeOfValue) {
  const ConfigValue root = parse_toml(
      "b = true\ni = 0x10\nf = 1e-3\ns = 'text'\na = [1, \"x\"]\nt = { k = -1 }\n", "t.toml");
  EXPECT_TRUE(root.find("b")->as_bool());
  EXPECT_EQ(root.find("i")->as_integer(), 16);
  EXPECT_EQ(root.find("f")->as_number(), 1e-3);
  EXPECT_EQ(root.find("s")->as_string(), "text");
  EXPECT_EQ(root.find("a")->as_array().size(), 2U);
  EXPECT_EQ(root.find("t")->find("k")->as_integer(), -1);
}

TEST(TomlReader, KeepsTheOrderOfTheFile) {
  const ConfigValue root = parse_toml("z = 1\na = 2\n[m]\nq = 1\nb = 2\n[c]\n", "t.toml");
  EXPECT_THAT(root.keys(), ElementsAre("z", "a", "m", "c"));
  EXPECT_THAT(root.find("m")->keys(), ElementsAre("q", "b"));
}

TEST(TomlReader, LocatesKeysAndValues) {
  const ConfigValue root =
      parse_toml("[model]\n  dim = 96\n\n[[model.stage]]\nnorm = { type = \"x\" }\n", "dir/t.toml");
  const ConfigValue* model = root.find("model");
  EXPECT_EQ(root.find_entry("model")->key_location.text(), "dir/t.toml:1:2");
  EXPECT_EQ(model->find_entry("dim")->key_location.text(), "dir/t.toml:2:3");
  EXPECT_EQ(model->find("dim")->location().text(), "dir/t.toml:2:9");
  const ConfigValue& stage = model->find("stage")->as_array().front();
  EXPECT_EQ(stage.location().text(), "dir/t.toml:4:1");
  EXPECT_EQ(stage.find("norm")->location().text(), "dir/t.toml:5:8");
  EXPECT_EQ(stage.find("norm")->find_entry("type")->key_location.text(), "dir/t.toml:5:10");
}

TEST(TomlReader, CountsCharactersBehindByteOrderMarkAndInWindowsFiles) {
  const ConfigValue root = parse_toml("\xEF\xBB\xBF[a]\r\n\"\xC3\xA9\" = { k = 1 }\r\n", "t.toml");
  EXPECT_EQ(root.find("a")->find("\xC3\xA9")->find("k")->location().text(), "t.toml:2:13");
}

TEST(TomlReader, RefusesDatesWithTheirPlace) {
  EXPECT_EQ(parse_error("a = 1\n  when = 2024-05-01\n"),
            "t.toml:2:10: a date or time is no value of a config; write it as a string, in quotes");
  EXPECT_THAT(parse_error("t = [07:30:00]"), StartsWith("t.toml:1:6: a date or time"));
}

TEST(TomlReader, TellsWhereTomlIsBroken) {
  EXPECT_THAT(parse_error("a = 1\na = 2\n"), StartsWith("t.toml:2:5: no valid TOML: "));
  EXPECT_THAT(parse_error("a = [1,\n"), StartsWith("t.toml:"));
  EXPECT_THAT(parse_error("[x\n"), StartsWith("t.toml:1:3: no valid TOML: "));
  EXPECT_THAT(parse_error("a = \"\xFF\"\n"),
              StartsWith("t.toml:1:6: no valid TOML: a byte that is not UTF-8"));
  EXPECT_THAT(parse_error("a = 99999999999999999999"), HasSubstr("64 bits"));
  EXPECT_THAT(parse_error("a = 'x\ny'"), StartsWith("t.toml:1:7: no valid TOML: "));
}

// These three end in undefined behaviour within toml++ 3.3.
TEST(TomlReader, RefusesWhatTheParserMustNotSee) {
  EXPECT_EQ(parse_error("a = 1\n[ = 2]\n"),
            "t.toml:2:1: no valid TOML: a table header without a key");
  EXPECT_EQ(parse_error("[[\n]]"), "t.toml:1:1: no valid TOML: a table header without a key");
  EXPECT_EQ(parse_error("a = \"\xC3\xA9\"\n  \xC3\xA9 = 1\n"),
            "t.toml:2:3: no valid TOML: a character beyond ASCII outside of quotes");
  // Their harmless relatives.
  EXPECT_EQ(parse_error("a = [\n[ 1 ]]\n[ 'b c' ]\n[[ d ]]\n# \xC3\xA9\n"), "");
}

TEST(TomlReader, RefusesWhatIsTooDeep) {
  const std::string brackets = "a = " + std::string(100, '[') + std::string(100, ']');
  EXPECT_EQ(parse_error(brackets), "t.toml:1:69: nested deeper than 64 levels");
  // A key this long overflows the stack of toml++ 3.3.
  std::string dots = "x = \"a.b\" # ....\n'q.q'";
  for (int i = 0; i < 300000; ++i) dots += ".a";
  EXPECT_EQ(parse_error(dots + " = 1"), "t.toml:2:134: nested deeper than 64 levels");
  // Each alone is within the limit.
  std::string both = "[a";
  for (int i = 0; i < 40; ++i) both += ".a";
  both += "]\nb = " + std::string(40, '[') + std::string(40, ']');
  EXPECT_THAT(parse_error(both), EndsWith("nested deeper than 64 levels"));
}

TEST(TomlReader, LetsDotsInStringsAndCommentsBe) {
  const std::string dots(200, '.');
  const ConfigValue root = parse_toml("a = \"" + dots + "\" # " + dots + "\nb = '''\n" + dots +
                                          "'''\nc = \"\\\"" + dots + "\"\nd = 1.5\n",
                                      "t.toml");
  EXPECT_EQ(root.find("a")->as_string(), dots);
  EXPECT_EQ(root.find("b")->as_string(), dots);
}

TEST(TomlReader, RefusesWhatIsTooLarge) {
  std::string many;
  for (size_t i = 0; i <= kMaxKeys; ++i) many += "k" + std::to_string(i) + " = 1\n";
  EXPECT_THAT(parse_error(many), HasSubstr("a table of 4097 keys; at most 4096 are read"));
  const TestFolder folder;
  const std::string file = folder.write("big.toml", std::string(kMaxFileBytes + 1, '#'));
  EXPECT_EQ(error_of([&] { read_toml_file(file); }),
            file + ": more than 1048576 bytes; that is no config");
}

TEST(TomlReader, TellsWhyAFileCannotBeRead) {
  const TestFolder folder;
  EXPECT_EQ(error_of([&] { read_toml_file(folder.path("no.toml")); }),
            folder.path("no.toml") + ": cannot be opened: No such file or directory");
  EXPECT_THAT(error_of([&] { read_toml_file(folder.path("")); }),
              EndsWith("a config is a TOML file"));
}

TEST(TomlValue, IsOneValueAndNothingElse) {
  const SourceLocation place{"--set x", 0, 0};
  EXPECT_EQ(parse_toml_value("[1, {a = 2}]", place).toml(), "[1, { a = 2 }]");
  EXPECT_EQ(parse_toml_value("{a = 2}", place).find("a")->location().text(), "--set x");
  for (const char* text :
       {"1, y = 2", "1 } #", "1 }\nw = { z = 1", "1 # c", "", "1 2", "[1", "{"}) {
    EXPECT_NE(error_of([&] { parse_toml_value(text, place); }), "") << text;
  }
}

}  // namespace
}  // namespace mixwright::config
