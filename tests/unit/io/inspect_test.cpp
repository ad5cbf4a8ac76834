#include "framework/io/inspect.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "framework/io/safetensors.h"
#include "tests/unit/io/io_test_files.h"

namespace mixwright::io {
namespace {

using ::testing::HasSubstr;

std::filesystem::path write_example(const TemporaryFolder& folder) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  write_safetensors(folder / "w.safetensors",
                    {{"stages.0.weight", torch::tensor({-1.5F, 0.0F, 3.0F, nan}).reshape({2, 2})},
                     {"count", torch::tensor({int64_t{9007199254740992}, int64_t{3}})},
                     {"mask", torch::tensor({true, false})},
                     {"all_nan", torch::tensor({nan})},
                     {"empty", torch::empty({0, 7}, torch::kHalf)}},
                    {{"note", "two\nlines"}});
  return folder / "w.safetensors";
}

TEST(InspectSafetensors, TableHasOneLinePerTensor) {
  const TemporaryFolder folder;
  const auto path = write_example(folder);
  const std::string text = inspect_safetensors(path, /*json=*/false);
  EXPECT_THAT(text, HasSubstr(path.string() + ": 5 tensors, "));
  const std::vector<std::string> lines = {
      // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): two literals make a line
      "name             dtype  shape   elements  bytes  non-finite   min               max      "
      "mean",
      "all_nan          F32    [1]            1      4           1     -                 -         "
      "-",
      "count            I64    [2]            2     16           0     3  9007199254740992  "
      "4.5036e+15",
      "empty            F16    [0, 7]         0      0           0     -                 -         "
      "-",
      "mask             BOOL   [2]            2      2           0     0                 1       "
      "0.5",
      "stages.0.weight  F32    [2, 2]         4     16           1  -1.5                 3       "
      "0.5",
      "total                                  9     38           2",
      "metadata:",
      "  note = two\\nlines"};
  for (const std::string& line : lines) {
    // Columns are compared without the width that the widest cell gives them.
    const auto squeezed = [](std::string_view wide) {
      std::string narrow;
      for (const char c : wide) {
        if (c != ' ' || narrow.empty() || narrow.back() != ' ') narrow += c;
      }
      return narrow;
    };
    EXPECT_THAT(squeezed(text), HasSubstr(squeezed(line) + "\n"));
  }
}

TEST(InspectSafetensors, ColumnsStandUnderTheirTitles) {
  const TemporaryFolder folder;
  const std::string text = inspect_safetensors(write_example(folder), /*json=*/false);
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  std::getline(lines, line);
  const size_t dtype = line.find("dtype");
  const size_t end_of_bytes = line.find("bytes") + 5;
  for (int i = 0; i < 5; ++i) {
    std::getline(lines, line);
    EXPECT_EQ(line[dtype - 1], ' ') << line;
    EXPECT_NE(line[dtype], ' ') << line;
    EXPECT_NE(line[end_of_bytes - 1], ' ') << line;
    EXPECT_EQ(line[end_of_bytes], ' ') << line;
  }
}

TEST(InspectSafetensors, JsonHasEverything) {
  const TemporaryFolder folder;
  const auto path = write_example(folder);
  const auto json = nlohmann::json::parse(inspect_safetensors(path, /*json=*/true));
  EXPECT_EQ(json.at("file"), path.string());
  EXPECT_EQ(json.at("file_bytes"), std::filesystem::file_size(path));
  EXPECT_EQ(json.at("checksums"), false);
  EXPECT_EQ(json.at("metadata").at("note"), "two\nlines");
  EXPECT_EQ(json.at("total").at("tensors"), 5);
  EXPECT_EQ(json.at("total").at("elements"), 9);
  EXPECT_EQ(json.at("total").at("bytes"), 38);
  EXPECT_EQ(json.at("total").at("nonfinite"), 2);
  const auto& all_nan = json.at("tensors").at(0);
  EXPECT_EQ(all_nan.at("name"), "all_nan");
  EXPECT_TRUE(all_nan.at("min").is_null());
  const auto& weight = json.at("tensors").at(4);
  EXPECT_EQ(weight.at("shape"), (std::vector<int64_t>{2, 2}));
  EXPECT_EQ(weight.at("dtype"), "F32");
  EXPECT_EQ(weight.at("nonfinite"), 1);
  EXPECT_EQ(weight.at("min"), -1.5);
  EXPECT_EQ(weight.at("max"), 3.0);
  EXPECT_EQ(weight.at("mean"), 0.5);
}

TEST(InspectSafetensors, StatisticsGoOverAllPiecesOfALargeTensor) {
  const TemporaryFolder folder;
  torch::Tensor large = torch::zeros({3'000'000});
  large[0] = -7;
  large[2'999'999] = 10;
  large[1'500'000] = std::numeric_limits<float>::infinity();
  write_safetensors(folder / "w", {{"large", large}});
  const auto json = nlohmann::json::parse(inspect_safetensors(folder / "w", /*json=*/true));
  const auto& row = json.at("tensors").at(0);
  EXPECT_EQ(row.at("nonfinite"), 1);
  EXPECT_EQ(row.at("min"), -7.0);
  EXPECT_EQ(row.at("max"), 10.0);
  EXPECT_DOUBLE_EQ(row.at("mean").get<double>(), 3.0 / 2'999'999.0);
}

TEST(InspectSafetensors, ShowsUnsupportedDtypesAndWarnings) {
  const TemporaryFolder folder;
  write_bytes(
      folder / "w",
      safetensors_bytes(" {\"\\u001b[2J\":{\"dtype\":\"F4\",\"shape\":[4],\"data_offsets\":[0,2]}}",
                        "01"));
  const std::string text = inspect_safetensors(folder / "w", /*json=*/false);
  EXPECT_THAT(text, HasSubstr("\\u001b[2J  F4"));
  EXPECT_THAT(text, HasSubstr("warning: "));
  EXPECT_THAT(text, HasSubstr("w: the header begins with whitespace"));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace mixwright::io
