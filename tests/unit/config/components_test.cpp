#include "framework/config/components.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/config/toml_reader.h"
#include "tests/unit/config/vocabulary_lookup.h"

namespace mixwright::config {
namespace {

using testing::ElementsAre;

constexpr const char* kParts = R"([parts.wide]
type = "mlp"
ratio = 8.0
activation = { type = "gelu" }
[parts.wider]
type = "wide"
ratio = 16.0
[parts]
short = "identity"
nothing = "none"
a = "b"
b = { type = "a" }
pooling = { type = "pooling", pool_size = 5 }
)";

struct Resolved {
  std::string table;
  std::vector<std::string> errors;
  std::vector<std::string> through;
};

Resolved resolve(const std::string& value) {
  const ConfigValue parts = parse_toml(kParts, "parts.toml");
  const ConfigValue root = parse_toml("m = " + value, "t.toml");
  Diagnostics diagnostics;
  Resolved result;
  result.table =
      resolve_component(
          *root.find("m"), parts.find("parts"), diagnostics, "token_mixer", &result.through)
          .toml();
  result.errors = lines(diagnostics);
  return result;
}

TEST(Component, IsAStringOrATable) {
  EXPECT_EQ(resolve("'mlp'").table, "{ type = \"mlp\" }");
  EXPECT_EQ(resolve("{ ratio = 2.0, type = 'mlp' }").table, "{ ratio = 2.0, type = \"mlp\" }");
  EXPECT_EQ(resolve("'plugin:mlp'").table, "{ type = \"plugin:mlp\" }");
}

TEST(Component, IsNothingForNone) {
  EXPECT_EQ(resolve("'none'").table, "");
  EXPECT_EQ(resolve("'nothing'").table, "");
  EXPECT_THAT(resolve("'none'").errors, ElementsAre());
  EXPECT_THAT(resolve("{ type = 'none', ratio = 1.0 }").errors,
              ElementsAre("t.toml:1:14: \"none\" has no options"));
}

TEST(Component, ComesThroughParts) {
  const Resolved wide = resolve("{ type = 'wide', activation = { slope = 1 } }");
  EXPECT_EQ(wide.table,
            "{ type = \"mlp\", ratio = 8.0, activation = { type = \"gelu\", slope = 1 } }");
  EXPECT_THAT(wide.through, ElementsAre("wide"));
  const Resolved wider = resolve("{ type = 'wider', bias = false }");
  EXPECT_EQ(wider.table,
            "{ type = \"mlp\", ratio = 16.0, activation = { type = \"gelu\" }, bias = false }");
  EXPECT_THAT(wider.through, ElementsAre("wider", "wide"));
  EXPECT_EQ(resolve("{ type = 'wide', activation = 'relu' }").table,
            "{ type = \"mlp\", ratio = 8.0, activation = \"relu\" }");
  EXPECT_EQ(resolve("'short'").table, "{ type = \"identity\" }");
}

TEST(Component, RefusesCircularParts) {
  EXPECT_THAT(resolve("'a'").errors,
              ElementsAre("parts.toml:12:14: a part is made of itself: \"a\" -> \"b\" -> \"a\"; a "
                          "part needs a name that no component has"));
  EXPECT_THAT(resolve("'pooling'").errors,
              ElementsAre("parts.toml:13:20: a part is made of itself: \"pooling\" -> \"pooling\"; "
                          "a part needs a name that no component has"));
}

TEST(Component, TellsWhatIsNone) {
  EXPECT_THAT(resolve("3").errors,
              ElementsAre("t.toml:1:5: a token mixer expected, a name or a table with a type, the "
                          "integer 3 found"));
  EXPECT_THAT(
      resolve("{ ratio = 1.0 }").errors,
      ElementsAre("t.toml:1:5: a token mixer without a type; say which one: type = \"...\""));
  EXPECT_THAT(
      resolve("{ tpye = 'mlp' }").errors,
      ElementsAre("t.toml:1:7: unknown option \"tpye\" of a token mixer without a type; did "
                  "you mean \"type\"?"));
  EXPECT_THAT(resolve("{ type = 1 }").errors,
              ElementsAre("t.toml:1:14: type of a token mixer: a string expected, the integer 1 "
                          "found"));
}

}  // namespace
}  // namespace mixwright::config
