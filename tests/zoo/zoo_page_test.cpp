// docs/zoo.md is what the configs, counts and measured errors say now.

#include "tests/zoo/zoo_page.h"

#include <fstream>
#include <iterator>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "framework/io/scratch_folder.h"
#include "tests/support/paths.h"

namespace mixwright {
namespace {

namespace fs = std::filesystem;

std::string page_text(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& file : fs::directory_iterator(folder)) names.insert(file.path().filename());
  return names;
}

TEST(ZooPage, IsUpToDate) {
  const io::ScratchFolder folder("mixwright-zoo-");
  const fs::path docs = test::source_dir() / "docs";
  write_zoo_page(folder.path());
  EXPECT_EQ(page_text(folder.path() / "zoo.md"), page_text(docs / "zoo.md"))
      << "scripts/zoo_page.sh";
  const fs::path pictures = fs::path("pictures") / "zoo";
  EXPECT_EQ(names_in(folder.path() / pictures), names_in(docs / pictures));
  for (const std::string& name : names_in(folder.path() / pictures)) {
    EXPECT_EQ(page_text(folder.path() / pictures / name), page_text(docs / pictures / name))
        << name << ": scripts/zoo_page.sh";
  }
}

TEST(ZooPage, EveryGoldenCaseHasAMeasuredError) {
  const auto errors =
      nlohmann::json::parse(page_text(test::source_dir() / "tests" / "golden" / "errors.json"));
  size_t cases = 0;
  for (const auto& file :
       fs::recursive_directory_iterator(test::source_dir() / "tests" / "golden" / "configs")) {
    if (file.path().extension() != ".toml") continue;
    const std::string system = file.path().parent_path().filename();
    ASSERT_TRUE(errors.contains(system)) << system << ": scripts/zoo_page.sh --measure";
    EXPECT_TRUE(errors[system].contains(file.path().stem()))
        << file.path() << ": scripts/zoo_page.sh --measure";
    ++cases;
  }
  EXPECT_GE(cases, 30u);
}

}  // namespace
}  // namespace mixwright
