#include "framework/sweep/sweep_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "tests/support/folder.h"

namespace mixwright::sweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SweepFileTest : public testing::Test {
 protected:
  Sweep read(const std::string& text,
             const std::vector<std::string>& sets = {},
             Extent extent = Extent::kWhole) {
    test::write_file(folder_ / "s.toml", text);
    return read_sweep((folder_ / "s.toml").string(), sets, extent);
  }

  std::string refusal(const std::string& text, Extent extent = Extent::kWhole) {
    try {
      read(text, {}, extent);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  }

  static std::vector<std::string> names(const Sweep& sweep) {
    std::vector<std::string> found;
    for (const Row& row : sweep.rows) found.push_back(row.name);
    return found;
  }

  test::TestFolder folder_{"mixwright-sweep"};
};

TEST_F(SweepFileTest, CombinesRowsGridAndSeeds) {
  const Sweep sweep = read(R"(config = "../a.toml"
seeds = [1, 2]
set = { "train.epochs" = 3 }
[grid]
"train.optimizer.lr" = [0.1, 0.2]
[[row]]
name = "plain"
[[row]]
name = "deep"
config = "b.toml"
set = { "model.stage[0].depth" = 8 }
)",
                           {"train.batch_size=4"});
  EXPECT_THAT(sweep.columns, ElementsAre("row", "lr"));
  ASSERT_EQ(sweep.groups.size(), 4U);
  EXPECT_THAT(sweep.groups[3].values, ElementsAre("deep", "0.2"));
  EXPECT_THAT(names(sweep),
              ElementsAre("plain,lr=0.1,seed=1",
                          "plain,lr=0.1,seed=2",
                          "plain,lr=0.2,seed=1",
                          "plain,lr=0.2,seed=2",
                          "deep,lr=0.1,seed=1",
                          "deep,lr=0.1,seed=2",
                          "deep,lr=0.2,seed=1",
                          "deep,lr=0.2,seed=2"));
  const Row& last = sweep.rows.back();
  EXPECT_EQ(last.config, (folder_.path() / "b.toml").string());
  EXPECT_EQ(sweep.rows.front().config, (folder_.path().parent_path() / "a.toml").string());
  EXPECT_EQ(last.seed, 2);
  EXPECT_THAT(last.sets,
              ElementsAre("train.epochs=3",
                          "train.batch_size=4",
                          "model.stage[0].depth=8",
                          "train.optimizer.lr=0.2"));
}

TEST_F(SweepFileTest, NamesTellValuesAndPathsApart) {
  const Sweep sweep = read(R"(config = "a.toml"
[grid]
"model.stage[0].dim" = [8]
"model.stage[1].dim" = [16]
"model.stage[0].token_mixer" = ["pooling", { type = "mlp", ratio = 0.5 }, { type = "mlp" }]
)");
  EXPECT_THAT(sweep.columns, ElementsAre("stage[0].dim", "stage[1].dim", "token_mixer"));
  EXPECT_EQ(sweep.groups[1].values[2], "{ type = \"mlp\", ratio = 0.5 }");
  EXPECT_EQ(names(sweep)[1],
            "stage_0_.dim=8,stage_1_.dim=16,token_mixer=_type_=_mlp_,_ratio_=_0.5_,seed=0");
}

constexpr const char* kWithQuick = R"(config = "a.toml"
seeds = [1, 2]
results = "../results/s.jsonl"
set = { "train.epochs" = 30 }
[grid]
"train.optimizer.lr" = [0.1, 0.2, 0.3]
[quick]
seeds = [5]
rows = ["deep"]
set = { "train.epochs" = 1 }
grid = { "train.optimizer.lr" = [0.4] }
[[row]]
name = "plain"
[[row]]
name = "deep"
set = { "train.epochs" = 60 }
values = { depth = 8, kind = "deep", rate = 1e-3 }
)";

TEST_F(SweepFileTest, QuickThinsOutAndWins) {
  const Sweep quick = read(kWithQuick, {}, Extent::kQuick);
  EXPECT_EQ(quick.name, "s-quick");
  EXPECT_EQ(quick.results, "") << "a small sweep's rows are no results";
  EXPECT_THAT(names(quick), ElementsAre("deep,lr=0.4,seed=5"));
  EXPECT_THAT(
      quick.rows.front().sets,
      ElementsAre(
          "train.epochs=30", "train.epochs=60", "train.optimizer.lr=0.4", "train.epochs=1"));
  const Sweep whole = read(kWithQuick);
  EXPECT_EQ(whole.rows.size(), 12U);
  EXPECT_EQ(whole.results, (folder_.path().parent_path() / "results/s.jsonl").string());
  EXPECT_EQ(whole.rows.back().sets.back(), "train.optimizer.lr=0.3");
}

TEST_F(SweepFileTest, RowsSayWhatTablesKnowThemBy) {
  const Sweep sweep = read(kWithQuick);
  EXPECT_TRUE(sweep.groups[0].facts.empty());
  const Facts& facts = sweep.groups[3].facts;
  ASSERT_EQ(facts.size(), 3U);
  EXPECT_EQ(facts[0].first, "depth");
  EXPECT_EQ(facts[0].second.as_integer(), 8);
  EXPECT_EQ(facts[1].second.as_string(), "deep");
  EXPECT_EQ(facts[2].second.as_number(), 1e-3);
  EXPECT_THAT(refusal("config = \"a\"\n[[row]]\nname = \"x\"\nvalues = { a = [1] }"),
              HasSubstr("s.toml:4:16: values.a: a number or a text expected, "));
}

TEST_F(SweepFileTest, ARowsOwnGridStandsInPlaceOfTheSweeps) {
  const std::string text = R"(config = "a"
[grid]
"train.epochs" = [7, 8]
"data.count" = [10, 20]
[quick]
grid = { "data.count" = [1] }
[[row]]
name = "plain"
[[row]]
name = "large"
grid = { "data.count" = [300] }
)";
  EXPECT_THAT(names(read(text)),
              ElementsAre("plain,epochs=7,count=10,seed=0",
                          "plain,epochs=7,count=20,seed=0",
                          "plain,epochs=8,count=10,seed=0",
                          "plain,epochs=8,count=20,seed=0",
                          "large,epochs=7,count=300,seed=0",
                          "large,epochs=8,count=300,seed=0"));
  EXPECT_EQ(read(text).rows.back().sets.back(), "data.count=300");
  EXPECT_THAT(names(read(text, {}, Extent::kQuick)),
              ElementsAre("plain,epochs=7,count=1,seed=0",
                          "plain,epochs=8,count=1,seed=0",
                          "large,epochs=7,count=1,seed=0",
                          "large,epochs=8,count=1,seed=0"))
      << "a quick sweep is as small for every row";
  EXPECT_THAT(refusal("config = \"a\"\n[[row]]\nname = \"x\"\ngrid = { \"a.b\" = [1] }"),
              HasSubstr("row \"x\": grid: the sweep's [grid] has no \"a.b\""));
}

TEST_F(SweepFileTest, RefusesAQuickThatFitsNothing) {
  const std::string begin = "config = \"a\"\n";
  EXPECT_THAT(refusal(begin, Extent::kQuick), HasSubstr("there is no [quick] table"));
  EXPECT_THAT(refusal(begin + "[quick]\nrows = [\"x\"]", Extent::kQuick),
              HasSubstr("there is no row \"x\""));
  EXPECT_THAT(refusal(begin + "[quick]\ngrid = { \"a.b\" = [1] }", Extent::kQuick),
              HasSubstr("s.toml:3:10: quick.grid: [grid] has no \"a.b\""));
  EXPECT_EQ(refusal(begin + "[quick]\nrows = [\"x\"]"), "") << "the whole sweep does not look";
}

TEST_F(SweepFileTest, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(refusal("seeds = [1]"), HasSubstr("config: missing"));
  EXPECT_THAT(refusal("config = \"a\"\nseed = [1]"), HasSubstr("did you mean \"seeds\"?"));
  EXPECT_THAT(refusal("config = \"a\"\nseeds = [1, 1]"), HasSubstr("given twice"));
  EXPECT_THAT(refusal("config = \"a\"\nseeds = []"), HasSubstr("at least one"));
  EXPECT_THAT(refusal("config = \"a\"\n[grid]\ntrain.lr = [1]"),
              HasSubstr("s.toml:3:1: grid.\"train\": a list of values expected, a table found"));
  EXPECT_THAT(refusal("config = \"a\"\n[grid]\n\"train.lr\" = 1"),
              HasSubstr("a list of values expected, the integer 1 found"));
  EXPECT_THAT(refusal("config = \"a\"\n[grid]\n\"a..b\" = [1]"), HasSubstr("s.toml:3:1: "));
  EXPECT_THAT(refusal("config = \"a\"\n[grid]\nseed = [1]"), HasSubstr("seeds = [1, 2, 3]"));
  EXPECT_THAT(refusal("config = \"a\"\n[[row]]\nset = {}"), HasSubstr("name"));
  EXPECT_THAT(refusal("config = \"a\"\n[[row]]\nname = \"x\"\n[[row]]\nname = \"x\""),
              HasSubstr("two rows have this name"));
}

}  // namespace
}  // namespace mixwright::sweep
