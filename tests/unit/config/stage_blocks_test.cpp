#include "framework/config/stage_blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/config/toml_reader.h"
#include "tests/unit/config/vocabulary_lookup.h"

namespace mixwright::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Dealt {
  std::vector<std::string> tables;
  std::vector<std::string> errors;
};

Dealt deal(const std::string& stage) {
  const ConfigValue root = parse_toml(
      "[parts.plain]\ntype = 'residuals'\nstep = [{ layers = ['none'] }]\n[stage]\n" + stage,
      "t.toml");
  const VocabularyLookup lookup(root.find("parts"));
  Diagnostics diagnostics;
  Dealt result;
  for (const ConfigValue& table : stage_blocks(*root.find("stage"), lookup, diagnostics, "stage")) {
    result.tables.push_back(table.toml());
  }
  result.errors = lines(diagnostics);
  return result;
}

TEST(StageBlocks, GivesTheStagesKeysToItsBlock) {
  const Dealt dealt = deal("dim = 8\ndepth = 2\nblock = 'serial'\nnorm = 'layer_norm'\n");
  EXPECT_THAT(dealt.tables, ElementsAre("{ type = \"serial\", norm = \"layer_norm\" }"));
  EXPECT_THAT(dealt.errors, ElementsAre());
  EXPECT_THAT(deal("block = { type = 'parallel', repeat = 2 }\nnorm = 'x'\n").tables,
              ElementsAre("{ type = \"parallel\", repeat = 2, norm = \"x\" }"));
}

TEST(StageBlocks, GivesEachBlockOfAListWhatItDeclares) {
  const Dealt dealt =
      deal("block = ['serial', 'plain', { type = 'parallel' }]\nnorm = 'x'\nshared_norm = true\n");
  EXPECT_THAT(dealt.tables,
              ElementsAre("{ type = \"serial\", norm = \"x\", shared_norm = true }",
                          "{ type = \"residuals\", step = [{ layers = [\"none\"] }] }",
                          "{ type = \"parallel\", norm = \"x\" }"));
  EXPECT_THAT(dealt.errors, ElementsAre());
}

TEST(StageBlocks, LaysTheStagesKeysOnAPartsOptions) {
  EXPECT_THAT(deal("block = 'plain'\nstep = []\n").tables,
              ElementsAre("{ type = \"residuals\", step = [] }"));
}

TEST(StageBlocks, RefusesAKeyInBoth) {
  EXPECT_THAT(
      deal("block = { type = 'serial', norm = 'x' }\nnorm = 'y'\n").errors,
      ElementsAre("t.toml:6:1: \"norm\" stands in stage and in its block (t.toml:5:28); say "
                  "it once"));
}

TEST(StageBlocks, RefusesAKeyThatNoBlockDeclares) {
  EXPECT_THAT(deal("block = ['plain', 'parallel']\ntoken_mixr = 'x'\n").errors,
              ElementsAre("t.toml:6:1: unknown option \"token_mixr\" of stage with block "
                          "\"residuals\" or \"parallel\"; did you mean \"token_mixer\"?"));
  EXPECT_THAT(deal("block = 'parallel'\nshared_norm = true\n").errors,
              ElementsAre(HasSubstr("unknown option \"shared_norm\" of stage with block")));
  EXPECT_THAT(deal("block = 'parallel'\ndeph = 3\n").errors,
              ElementsAre(HasSubstr("did you mean \"depth\"?")));
  EXPECT_THAT(deal("block = 'parallel'\nxyzxyz = 3\n").errors,
              ElementsAre("t.toml:6:1: unknown option \"xyzxyz\" of stage with block \"parallel\"; "
                          "there are embedding, dim, depth, block, repeat_stage, recompute, norm, "
                          "token_mixer, channel_mixer, repeat"));
}

TEST(StageBlocks, SaysNothingOfKeysWhereABlockIsUnknown) {
  EXPECT_THAT(deal("block = 'seral'\nnorm = 'x'\n").errors, ElementsAre());
}

TEST(StageBlocks, NeedsABlockUnlessThereAreNone) {
  EXPECT_THAT(deal("dim = 8\n").errors,
              ElementsAre("t.toml:4:1: stage has no block; say block = \"...\", one of serial, "
                          "parallel, residuals"));
  EXPECT_THAT(deal("dim = 8\ndepth = 0\n").errors, ElementsAre());
  EXPECT_THAT(deal("depth = 0\nnorm = 'x'\n").errors,
              ElementsAre("t.toml:6:1: \"norm\" of stage is a block's, and it has none"));
  EXPECT_THAT(deal("blok = 'serial'\nnorm = 'x'\n").errors,
              ElementsAre("t.toml:5:1: unknown option \"blok\" of stage; did you mean \"block\"?"));
  EXPECT_THAT(
      deal("block = 'none'\n").errors,
      ElementsAre("t.toml:5:9: \"none\" as block of stage; a stage without blocks says depth "
                  "= 0"));
  EXPECT_THAT(deal("block = []\n").errors,
              ElementsAre("t.toml:5:9: block of stage is an empty list"));
}

}  // namespace
}  // namespace mixwright::config
