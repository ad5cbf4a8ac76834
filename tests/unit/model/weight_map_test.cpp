// Weight maps in both directions, and what they say does not fit.

#include "framework/model/weight_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_text.h"
#include "tests/support/folder.h"

namespace mixwright::model {
namespace {

using test::error_text;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

WeightMap map_of(const std::string& rules) {
  const test::TestFolder folder("mixwright-maps");
  return WeightMap::load(test::write_file(folder / "map.toml", "format = 1\n" + rules));
}

std::string rule(const std::string& lines) {
  return "[[rule]]\n" + lines + "\n";
}

/// There and back is the same for these tensors.
void expect_round_trip(const WeightMap& map, const NamedTensors& theirs, const NamedTensors& ours) {
  const NamedTensors filled = map.apply(theirs, ours);
  const NamedTensors again = map.inverted().apply(filled, theirs);
  ASSERT_EQ(again.size(), theirs.size());
  for (const auto& [name, tensor] : theirs) EXPECT_TRUE(tensor.equal(again.at(name))) << name;
}

TEST(AxisPattern, ReshapesAndReordersBothWays) {
  const torch::Tensor x = torch::arange(24).view({6, 4, 1});
  const AxisPattern pattern("(h w) c 1 -> c h w");
  const torch::Tensor y = pattern.apply(x, {4, 2, 3});
  ASSERT_EQ(y.sizes(), torch::IntArrayRef({4, 2, 3}));
  EXPECT_EQ(y[3][1][2].item<int64_t>(), x[1 * 3 + 2][3][0].item<int64_t>());
  EXPECT_TRUE(pattern.inverted().apply(y, {}).equal(x));
  EXPECT_EQ(pattern.inverted().text(), "c h w -> (h w) c 1");
}

TEST(AxisPattern, RefusesWhatDoesNotFit) {
  const AxisPattern pattern("o i 1 1 -> o i");
  EXPECT_THAT(error_text([&] { pattern.apply(torch::zeros({2, 3, 1, 2}), {}); }),
              HasSubstr("dimension 3 is not 1"));
  EXPECT_THAT(error_text([&] { pattern.apply(torch::zeros({2, 3}), {}); }),
              HasSubstr("4 dimensions expected"));
  EXPECT_THAT(error_text([] { AxisPattern("(h w) c -> h w c").apply(torch::zeros({6, 2}), {}); }),
              HasSubstr("neither h nor w is known"));
  EXPECT_THAT(
      error_text([] { AxisPattern("(h w) c -> h w c").apply(torch::zeros({6, 2}), {2, 2, 2}); }),
      HasSubstr("no product of 4"));
  for (const char* text :
       {"a b", "a b -> a", "a a -> a a", "(a b -> a b", "a () -> a", "a- -> a"}) {
    EXPECT_NE(error_text([&] { AxisPattern{text}; }), "") << text;
  }
}

TEST(NamePattern, MatchesWhatItFills) {
  for (const auto& [text, filled] : {std::pair{"a.{i+1}.b", "a.4.b"},
                                     std::pair{"a.{i-1}.b", "a.2.b"},
                                     std::pair{"a.{i*2}.b", "a.6.b"}}) {
    const NamePattern pattern(text);
    EXPECT_EQ(pattern.fill({{"i", "3"}}), filled);
    const auto bindings = pattern.match(filled);
    ASSERT_TRUE(bindings) << text;
    EXPECT_EQ(bindings->at("i"), "3") << text;
  }
  EXPECT_FALSE(NamePattern("a.{i+1}").match("a.0"));
  EXPECT_FALSE(NamePattern("a.{i*2}").match("a.3"));
}

TEST(WeightMap, GoesBackByTheRuleItCameBy) {
  const WeightMap map = map_of(rule("from = \"s.0.{j}.{p:*}\"\nto = \"t.0.b.{j}.{p}\"") +
                               rule("from = \"s.{s}.0.{p:down|norm}\"\nto = \"t.{s}.e.{p}\"") +
                               rule("from = \"s.{s}.{j}.{p:*}\"\nto = \"t.{s}.b.{j-1}.{p}\"") +
                               rule("from = \"n.{p:*}\"\nto = \"h.n.{p}\"") +
                               rule("from = \"h.n.{p:*}\"\nto = \"h.m.{p}\"") +
                               rule("from = \"h.{p:fc|fc2}\"\nto = \"h.{p}\""));
  NamedTensors theirs;
  NamedTensors ours;
  int64_t value = 0;
  for (const auto& [from, to] : {std::pair{"s.0.0.w", "t.0.b.0.w"},
                                 std::pair{"s.0.1.w", "t.0.b.1.w"},
                                 std::pair{"s.1.0.down", "t.1.e.down"},
                                 std::pair{"s.1.1.w", "t.1.b.0.w"},
                                 std::pair{"s.1.2.w", "t.1.b.1.w"},
                                 std::pair{"n.w", "h.n.w"},
                                 std::pair{"h.n.w", "h.m.w"},
                                 std::pair{"h.fc", "h.fc"}}) {
    theirs[from] = torch::tensor({++value});
    ours[to] = torch::zeros({1}, torch::kInt64);
  }
  const NamedTensors filled = map.apply(theirs, ours);
  EXPECT_TRUE(filled.at("t.1.b.0.w").equal(theirs.at("s.1.1.w")));
  expect_round_trip(map, theirs, ours);
}

TEST(WeightMap, UndoesEveryStep) {
  const WeightMap map =
      map_of(rule("from = [\"{x:*}.q\", \"{x:*}.k\"]\nto = \"{x}.qk\"\nconcatenate = 0\n"
                  "concatenate_sizes = [4, 2]\npermute = [1, 0]") +
             rule("from = \"{x:*}.both\"\nto = [\"{x}.one\", \"{x}.two\"]\nsplit = 1\n"
                  "split_sizes = [1, 2]\n"
                  "steps = [{ reshape = \"o i 1 -> o i\" }, { permute = [1, 0] }]") +
             rule("from = \"{x:*}.{p:weight|bias}\"\nto = \"{x}.{p}\"\n"
                  "reshape = [\"o i 1 1 -> o i\", \"o -> o\"]"));
  const NamedTensors theirs = {{"a.q", torch::randn({4, 3})},
                               {"a.k", torch::randn({2, 3})},
                               {"b.both", torch::randn({5, 3, 1})},
                               {"c.weight", torch::randn({2, 3, 1, 1})},
                               {"c.bias", torch::randn({2})}};
  const NamedTensors ours = {{"a.qk", torch::zeros({3, 6})},
                             {"b.one", torch::zeros({1, 5})},
                             {"b.two", torch::zeros({2, 5})},
                             {"c.weight", torch::zeros({2, 3})},
                             {"c.bias", torch::zeros({2})}};
  expect_round_trip(map, theirs, ours);
  EXPECT_TRUE(map.apply(theirs, ours).at("a.qk").slice(1, 4).equal(theirs.at("a.k").t()));
}

TEST(WeightMap, TellsAllFaultsInTheNamesOfTheFile) {
  const WeightMap map = map_of(rule("drop = \"{x:*}.index\"") +
                               rule("from = \"f.{i}.{p:*}\"\nto = \"m.{i}.{p}\"\n"
                                    "reshape = [\"o i 1 1 -> o i\", \"o -> o\"]") +
                               rule("keep = \"{x:*}.count\""));
  const NamedTensors ours = {{"m.0.weight", torch::zeros({2, 3})},
                             {"m.0.bias", torch::zeros({2})},
                             {"m.0.count", torch::zeros({})},
                             {"m.1.weight", torch::zeros({4, 3})}};
  const WeightPlan plan = map.plan({{"f.0.weight", torch::zeros({2, 4, 1, 1})},
                                    {"f.0.bais", torch::zeros({2})},
                                    {"f.0.index", torch::zeros({9})},
                                    {"other", torch::zeros({1})}},
                                   ours);
  std::vector<std::string> texts;
  for (const WeightFault& fault : plan.faults) texts.push_back(fault.text());
  EXPECT_THAT(texts,
              ElementsAre("\"f.0.bias\" is missing, [2] is expected; did you mean \"f.0.bais\"?",
                          "\"f.1.weight\" is missing, [4, 3, 1, 1] is expected",
                          "\"f.0.bais\" is unexpected, [2]; did you mean \"f.0.bias\"?",
                          "\"other\" is unexpected, [1]",
                          "\"f.0.weight\" is misshapen, [2, 4, 1, 1] where [2, 3, 1, 1] is "
                          "expected"));
  EXPECT_THAT(plan.kept, ElementsAre("m.0.count"));
  EXPECT_THAT(plan.dropped, ElementsAre("f.0.index"));
}

TEST(WeightMap, TellsTwoWaysBackApartByWhatStandsBeside) {
  const std::string one = "from = \"{x:*}.conv.c\"\nto = \"{x}.weight\"";
  const std::string other = "from = \"{x:*}.c\"\nto = \"{x}.weight\"";
  const NamedTensors plain = {{"a.weight", torch::zeros({2})}};
  const WeightMap open = map_of(rule(one) + rule(other));
  const WeightPlan refused = open.inverted().plan(plain);
  ASSERT_EQ(refused.faults.size(), 1u);
  EXPECT_THAT(refused.faults[0].reason,
              AllOf(HasSubstr("map.toml:2"), HasSubstr("map.toml:5"), HasSubstr("both lead back")));

  const WeightMap told =
      map_of(rule(one + "\nbeside = \"{x}.side\"") + rule(other + "\nwithout = \"{x}.side\"") +
             rule("from = \"{x:*}.extra\"\nto = \"{x}.side\""));
  const auto back = [&](const NamedTensors& ours) {
    std::vector<std::string> names;
    const WeightMap inverted = told.inverted();
    for (const WeightMove& move : inverted.plan(ours).moves) names.push_back(move.to.front());
    return names;
  };
  EXPECT_THAT(back(plain), ElementsAre("a.c"));
  EXPECT_THAT(back({{"a.weight", torch::zeros({2})}, {"a.side", torch::zeros({2})}}),
              testing::UnorderedElementsAre("a.conv.c", "a.extra"));
}

TEST(WeightMap, RefusesWhatCannotBeUndone) {
  const std::string text = error_text([] {
    map_of(rule("from = \"{x:*}.a\"\nto = \"{x}.b\"\nreshape = \"target\"") +
           rule("from = \"{x:*}.c\"\nto = \"{x}.d\"\nreshape = [\"a b -> (a b)\", \"a -> a\"]"))
        .inverted();
  });
  EXPECT_THAT(text,
              AllOf(HasSubstr("map.toml:2:1: cannot be undone: its reshape"),
                    HasSubstr("map.toml:6:1: cannot be undone: two of its reshapes give 1")));
}

}  // namespace
}  // namespace mixwright::model
