#include "tests/unit/config/typos.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "tests/unit/config/vocabulary_lookup.h"

namespace mixwright::config {
namespace {

struct Verdict {
  bool placed = false;   // an error stands exactly where the word does
  bool advised = false;  // and names the right word
  std::string text;
};

Verdict judge(const Typo& typo) {
  Verdict verdict;
  for (const std::string& line : lines(check_text(typo.text))) {
    const std::string place =
        "t.toml:" + std::to_string(typo.line) + ":" + std::to_string(typo.column) + ": ";
    // A string's place is its quote.
    const std::string quote =
        "t.toml:" + std::to_string(typo.line) + ":" + std::to_string(typo.column - 1) + ": ";
    const bool here = line.starts_with(place) || line.starts_with(quote);
    verdict.placed |= here;
    verdict.advised |= here && line.find("\"" + typo.right + "\"") != std::string::npos;
    verdict.text += line + "\n";
  }
  return verdict;
}

TEST(Typos, OfFortyAtLeastThirtyEightAreAdvised) {
  const std::vector<Typo> typos = forty_typos();
  std::set<std::string> files;
  int placed = 0;
  int advised = 0;
  for (const Typo& typo : typos) {
    const Verdict verdict = judge(typo);
    files.insert(typo.name);
    placed += verdict.placed ? 1 : 0;
    advised += verdict.advised ? 1 : 0;
    EXPECT_TRUE(verdict.placed) << typo.name << ": " << typo.right << " -> " << typo.wrong << " at "
                                << typo.line << ":" << typo.column << "\n"
                                << verdict.text;
  }
  EXPECT_EQ(typos.size(), 40U);
  EXPECT_GE(files.size(), 15U);
  EXPECT_EQ(placed, 40);
  EXPECT_GE(advised, 38);
}

TEST(Typos, AllArePlacedAndNearlyAllAdvised) {
  const std::vector<Typo> typos = all_typos();
  ASSERT_GT(typos.size(), 300U);
  size_t advised = 0;
  std::string missed;
  for (const Typo& typo : typos) {
    const Verdict verdict = judge(typo);
    EXPECT_TRUE(verdict.placed) << typo.name << ": " << typo.right << " -> " << typo.wrong << " at "
                                << typo.line << ":" << typo.column << "\n"
                                << verdict.text;
    if (verdict.advised) {
      ++advised;
    } else {
      missed += typo.name + ": " + typo.right + " -> " + typo.wrong + "\n" + verdict.text;
    }
  }
  EXPECT_GE(advised * 100, typos.size() * 95) << missed;
}

}  // namespace
}  // namespace mixwright::config
