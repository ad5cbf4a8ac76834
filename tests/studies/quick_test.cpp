// Every study runs to its end in its small form: the same code as the whole of it.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "framework/sweep/sweep_file.h"
#include "tests/support/folder.h"
#include "tests/support/program.h"

namespace mixwright {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = MIXWRIGHT_SOURCE_DIR;
const fs::path kFashion = "/usr/share/datasets/fashion-mnist";
const fs::path kCifar = kSource.parent_path() / "shared/data/cifar10-jpeg.tar.xz";

std::vector<std::string> studies() {
  std::vector<std::string> names;
  for (const auto& file : fs::directory_iterator(kSource / "configs" / "studies")) {
    if (file.path().extension() == ".toml") names.push_back(file.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Ten pictures of each class and split, out of the archive.
void unpack_some_pictures(const fs::path& folder) {
  fs::create_directories(folder);
  const std::string command = "tar -xJf '" + kCifar.string() + "' -C '" + folder.string() +
                              "' --wildcards 'train/*/000?.jpg' 'test/*/000?.jpg'";
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
}

class Study : public testing::TestWithParam<std::string> {};

TEST_P(Study, RunsToItsEndInSmall) {
  const fs::path file = kSource / "configs" / "studies" / (GetParam() + ".toml");
  const sweep::Sweep sweep = sweep::read_sweep(file.string(), {}, sweep::Extent::kQuick);
  const test::TestFolder folder("mixwright-study");
  std::vector<std::string> words = {
      "sweep", file.string(), "--quick", "--out", (folder / "out").string()};
  if (GetParam().ends_with("_cifar10")) {
    if (!fs::exists(kCifar)) GTEST_SKIP() << kCifar << " is not there";
    unpack_some_pictures(folder / "cifar10");
    words.insert(words.end(), {"--set", "data.folder=" + (folder / "cifar10").string()});
  } else if (!fs::exists(kFashion)) {
    GTEST_SKIP() << kFashion << " is not there; it comes with the package dataset-fashion-mnist";
  }
  const test::ProgramResult result =
      test::run_program(fs::path(MIXWRIGHT_BUILD_DIR) / "bin" / "mixwright", words);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, testing::Not(testing::HasSubstr("pictures were drawn")));
  std::ifstream in(folder / "out/results.jsonl");
  size_t rows = 0;
  for (std::string line; std::getline(in, line); ++rows) {
    const auto json = nlohmann::json::parse(line);
    EXPECT_TRUE(json.at("test").is_number()) << line;
    for (const std::string& name : sweep.curves) {
      EXPECT_FALSE(json.at("curves").at(name).at("parts").empty()) << line;
    }
  }
  EXPECT_EQ(rows, sweep.rows.size());
  for (const sweep::FigureOptions& figure : sweep.figures) {
    for (const char* ending : {".png", ".svg"}) {
      EXPECT_TRUE(fs::exists(folder / ("out/" + figure.name + ending))) << figure.name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Study, testing::ValuesIn(studies()), [](const auto& info) {
  return info.param;
});

}  // namespace
}  // namespace mixwright
