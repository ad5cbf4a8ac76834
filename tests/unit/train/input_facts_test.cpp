#include "framework/train/input_facts.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "tests/support/error_text.h"
#include "tests/unit/data/idx_writer.h"

namespace mixwright::train {
namespace {

using ::mixwright::test::error_text;
using ::mixwright::test::TestFolder;
using ::mixwright::test::write_file;
using testing::HasSubstr;

void expect_same(const data::SampleFacts& a, const data::SampleFacts& b) {
  EXPECT_EQ(a.input, b.input);
  EXPECT_EQ(a.classes, b.classes);
  EXPECT_EQ(a.vocabulary, b.vocabulary);
  EXPECT_EQ(a.class_names, b.class_names);
  EXPECT_EQ(a.mean, b.mean);
  EXPECT_EQ(a.std, b.std);
  EXPECT_EQ(a.resize, b.resize);
  EXPECT_EQ(a.interpolation, b.interpolation);
}

class InputFactsTest : public testing::Test {
 protected:
  /// What reading says of a good file in which `from` became `to`.
  std::string refusal(const std::string& from, const std::string& to) {
    std::string text =
        "format = 1\ngrid = [8, 8]\nchannels = 3\nvocabulary = 0\nclasses = 2\n"
        "class_names = [\"a\", \"b\"]\nmean = [0.5]\nstd = [0.25, 0.5, 1]\nresize = 0\n";
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    write_file(folder_ / "input.toml", text.replace(at, from.size(), to));
    const std::string refused = error_text([&] { read_input_facts(folder_.path()); });
    EXPECT_EQ(refused.find('\n'), std::string::npos) << refused;
    return refused;
  }
  std::string file() const { return (folder_ / "input.toml").string(); }

  TestFolder folder_{"mixwright-input-facts"};
};

TEST_F(InputFactsTest, PicturesComeBackAsTheyWere) {
  data::SampleFacts info;
  info.interpolation = PictureInterpolation::kBicubic;
  info.input.grid = {224, 192};
  info.input.channels = 3;
  info.classes = 3;
  info.class_names = {"T-shirt/top", "a \"quoted\"\nname", "Käse 猫"};
  info.mean = {0.485, 1.0 / 3.0, 0.1 + 0.2};
  info.std = {0.229, 1e-5, 12345.678901234567};
  info.resize = 256;
  EXPECT_FALSE(has_input_facts(folder_.path()));
  write_input_facts(folder_.path(), info);
  EXPECT_TRUE(has_input_facts(folder_.path()));
  expect_same(read_input_facts(folder_.path()), info);
}

TEST_F(InputFactsTest, SoDoManyClassesAndTokens) {
  DatasetInfo info;
  info.input.grid = {224, 224};
  info.input.channels = 1;
  info.classes = 1000;
  for (int i = 0; i < 1000; ++i) info.class_names.push_back("class " + std::to_string(i));
  write_input_facts(folder_.path(), info);
  expect_same(read_input_facts(folder_.path()), info);

  DatasetInfo tokens;
  tokens.input.grid = {128};
  tokens.vocabulary = 50257;
  write_input_facts(folder_.path(), tokens);
  expect_same(read_input_facts(folder_.path()), tokens);
}

TEST_F(InputFactsTest, ARunWithoutThemIsToldWhatToDo) {
  EXPECT_THAT(error_text([&] { read_input_facts(folder_.path()); }),
              testing::AllOf(testing::StartsWith(file() + ": is missing"), HasSubstr("--resume")));
}

TEST_F(InputFactsTest, WhatIsWrongHasItsPlace) {
  EXPECT_EQ(refusal("format = 1", "format = 1"), "");
  EXPECT_THAT(refusal("channels = 3\n", ""), HasSubstr("\"channels\""));
  EXPECT_THAT(refusal("resize = 0", "resise = 0\nresize = 0"),
              testing::AllOf(HasSubstr(file() + ":9:1: "), HasSubstr("resise")));
  EXPECT_THAT(refusal("channels = 3", "channels = \"3\""), HasSubstr(file() + ":3:12: channels"));
  EXPECT_THAT(refusal("[8, 8]", "[8, 0]"), HasSubstr(file() + ":2:12: grid = 0"));
  EXPECT_THAT(refusal("[8, 8]", "[]"), HasSubstr(file() + ":2:8: grid is empty"));
  EXPECT_THAT(refusal("[\"a\", \"b\"]", "[\"a\"]"),
              HasSubstr(file() + ":6:15: class_names has 1 values for 2 classes"));
  EXPECT_THAT(refusal("mean = [0.5]", "mean = [0.5, 0.5]"),
              HasSubstr(file() + ":7:8: mean has 2 values for 3 channels"));
  EXPECT_THAT(refusal("[0.25, 0.5, 1]", "[0.25, 0, 1]"), HasSubstr(file() + ":8:7: std: values"));
  EXPECT_THAT(refusal("[0.5]", "[nan]"), HasSubstr(file() + ":7:9: mean = nan"));
  EXPECT_THAT(refusal("format = 1", "format = 2\nfuture = 1"),
              HasSubstr(file() + ":1:10: format is the integer 2, this program reads"));
  EXPECT_THAT(refusal("grid = [8, 8]", "grid = [8, 8"), HasSubstr(file() + ":"));
}

}  // namespace
}  // namespace mixwright::train
