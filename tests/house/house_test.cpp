// The walls of the house: who may include whom, and that the host names no component.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/support/paths.h"
#include "tests/support/program.h"

namespace mixwright {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> sources_below(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string extension = entry.path().extension();
    if (extension == ".cpp" || extension == ".h") files.push_back(entry.path());
  }
  return files;
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Lines of all sources below `folder` that include something with `part` in its path.
std::vector<std::string> includes_of(const fs::path& folder, const std::string& part) {
  std::vector<std::string> found;
  for (const fs::path& file : sources_below(folder)) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("#include") && line.find(part) != std::string::npos) {
        found.push_back(file.string() + ": " + line);
      }
    }
  }
  return found;
}

TEST(House, PluginsSeeOnlyTheSdk) {
  ASSERT_GT(sources_below(test::source_dir() / "plugins").size(), 20u);
  EXPECT_EQ(includes_of(test::source_dir() / "plugins", "framework/"), std::vector<std::string>());
}

TEST(House, TheSdkSeesNeitherFrameworkNorPlugins) {
  EXPECT_EQ(includes_of(test::source_dir() / "sdk", "framework/"), std::vector<std::string>());
  EXPECT_EQ(includes_of(test::source_dir() / "sdk", "plugins/"), std::vector<std::string>());
}

TEST(House, TheFrameworkSeesNoPlugin) {
  EXPECT_EQ(includes_of(test::source_dir() / "framework", "plugins/"), std::vector<std::string>());
}

TEST(House, TheFrameworkNamesNoComponent) {
  // Words that are also something else: LibTorch's operations and kinds of TOML values.
  const std::set<std::string> ordinary = {"conv"};
  std::vector<std::string> named;
  for (const plugin::Offer& offer : test::registry()->components()) {
    if (ordinary.count(offer.fact->name) != 0) continue;
    for (const fs::path& file : sources_below(test::source_dir() / "framework")) {
      if (text_of(file).find("\"" + offer.fact->name + "\"") != std::string::npos) {
        named.push_back(file.string() + " names " + offer.fact->kind + " " + offer.fact->name);
      }
    }
  }
  EXPECT_EQ(named, std::vector<std::string>());
}

TEST(House, EveryMixerNormAndDatasetComesFromALibrary) {
  std::set<std::string> kinds;
  for (const plugin::Offer& offer : test::registry()->components()) {
    kinds.insert(offer.fact->kind);
    EXPECT_EQ(offer.library->file.extension(), ".so") << offer.fact->name;
  }
  for (const char* kind : {"token_mixer", "channel_mixer", "normalization", "dataset"}) {
    EXPECT_EQ(kinds.count(kind), 1u) << kind;
  }
}

TEST(House, TheReferenceIsWhatThePluginsSay) {
  const test::ProgramResult told =
      test::run_program(test::build_dir() / "bin/mixwright",
                        {"--only-plugin-path",
                         "--plugin-path",
                         (test::build_dir() / "lib/mixwright/plugins").string(),
                         "plugins",
                         "reference"});
  // Line by line, so that a failure shows the lines that differ and not the whole page.
  std::istringstream now(told.out);
  std::istringstream kept(text_of(test::source_dir() / "docs/reference.md"));
  std::string a;
  std::string b;
  bool more = true;
  while (more && a == b) {
    more = static_cast<bool>(std::getline(now, a));
    if (static_cast<bool>(std::getline(kept, b)) != more) break;
  }
  EXPECT_TRUE(!more && now.eof() && kept.eof())
      << "the plugins say \"" << a << "\", the page \"" << b
      << "\": build/bin/mixwright plugins reference > docs/reference.md";
}

TEST(House, TheReadmeListsEveryComponent) {
  const std::string readme = text_of(test::source_dir() / "README.md");
  const std::set<std::string> listed = {"token_mixer",
                                        "channel_mixer",
                                        "normalization",
                                        "projection",
                                        "interaction",
                                        "block",
                                        "embedding",
                                        "head",
                                        "dataset",
                                        "task",
                                        "transform",
                                        "network",
                                        "lagrangian",
                                        "synapse"};
  for (const plugin::Offer& offer : test::registry()->components()) {
    if (listed.count(offer.fact->kind) == 0) continue;
    EXPECT_NE(readme.find("`" + offer.fact->name + "`"), std::string::npos) << offer.fact->name;
  }
}

// tests/examples builds it.
TEST(House, ThePluginInTheGuideIsTheExample) {
  const std::string guide = text_of(test::source_dir() / "docs/writing_a_plugin.md");
  const std::string example = text_of(test::source_dir() / "examples/shift/shift.cpp");
  EXPECT_NE(guide.find("```cpp\n" + example + "```"), std::string::npos);
}

}  // namespace
}  // namespace mixwright
