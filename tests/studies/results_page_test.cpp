// docs/reproduction.md shows what docs/results holds now.

#include "tests/studies/results_page.h"

#include <fstream>
#include <iterator>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "framework/sweep/sweep_file.h"

namespace mixwright {
namespace {

namespace fs = std::filesystem;

const fs::path kDocs = fs::path(MIXWRIGHT_SOURCE_DIR) / "docs";

std::string reproduction() {
  std::ifstream in(kDocs / "reproduction.md");
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(ResultsPage, IsUpToDate) {
  const std::string page = reproduction();
  ASSERT_FALSE(sections_of(page).empty());
  EXPECT_EQ(page, results_page(page)) << "scripts/results_page.sh";
}

TEST(ResultsPage, HasASectionForAllResultsAndPicturesForAllFigures) {
  std::set<std::string> shown;
  for (const std::string& name : sections_of(reproduction())) {
    const sweep::Sweep sweep = sweep::read_sweep(
        (fs::path(MIXWRIGHT_SOURCE_DIR) / "configs" / "studies" / (name + ".toml")).string());
    shown.insert(fs::path(sweep.results).filename());
    for (const sweep::FigureOptions& figure : sweep.figures) {
      for (const char* ending : {".png", ".svg"}) {
        EXPECT_TRUE(fs::exists(kDocs / "pictures" / "studies" / (figure.name + ending)))
            << figure.name << ": scripts/results_page.sh";
      }
    }
  }
  std::set<std::string> kept;
  for (const auto& file : fs::directory_iterator(kDocs / "results")) {
    kept.insert(file.path().filename());
  }
  EXPECT_EQ(shown, kept);
}

TEST(ResultsPage, RefusesSectionsThatSayNothing) {
  EXPECT_EQ(results_page("no section\n"), "no section\n");
  EXPECT_THAT([] { results_page("<!-- results: symmetry_breaking -->\nand nothing more\n"); },
              testing::ThrowsMessage<UsageError>(testing::HasSubstr("has no end")));
  EXPECT_THAT([] { results_page("<!-- results: no_study -->\n<!-- end of results -->\n"); },
              testing::ThrowsMessage<UsageError>(testing::HasSubstr("no_study.toml")));
}

}  // namespace
}  // namespace mixwright
