#include "framework/sweep/results_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "framework/config/toml_reader.h"
#include "framework/sweep/result_line.h"
#include "tests/support/folder.h"

namespace mixwright::sweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

nlohmann::ordered_json line_of(const std::string& sweep,
                               const std::string& row,
                               const std::string& hash,
                               double best) {
  return {{"sweep", sweep},
          {"row", row},
          {"settings", nlohmann::ordered_json::object()},
          {"config_sha256", hash},
          {"best", best}};
}

std::vector<std::string> shown(const ResultLines& lines) {
  std::vector<std::string> all;
  for (const auto& line : lines) {
    all.push_back(line["sweep"].get<std::string>() + " " + line["row"].get<std::string>() + " " +
                  line["best"].dump());
  }
  return all;
}

TEST(ResultsFileTest, KeepsEachRowOnce) {
  const ResultLines before = {line_of("other", "a", "1", 0.1),
                              line_of("mine", "gone", "1", 0.2),
                              line_of("mine", "c", "1", 0.3),
                              line_of("mine", "b", "old", 0.4),
                              line_of("mine", "a", "1", 0.5),
                              line_of("a sweep", "a", "1", 0.6)};
  const std::vector<ExpectedRow> expected = {{"a", "1"}, {"b", "1"}, {"c", "1"}, {"d", "1"}};
  const ResultLines now = {line_of("mine", "a", "1", 0.7)};
  EXPECT_THAT(shown(merge_results(before, "mine", expected, now)),
              ElementsAre("a sweep a 0.6", "mine a 0.7", "mine c 0.3", "other a 0.1"))
      << "trained anew a row replaces itself; one of another config or unknown name does not stay";
}

TEST(ResultsFileTest, WritesTheSameTwice) {
  const test::TestFolder folder("mixwright-results");
  const auto file = folder / "new" / "r.jsonl";
  const ResultLines lines = {line_of("s", "a", "1", 0.25), line_of("s", "b", "2", 0.5)};
  const std::vector<ExpectedRow> expected = {{"a", "1"}, {"b", "2"}};
  keep_results(file, "s", expected, {lines[1]});
  keep_results(file, "s", expected, {lines[0]});
  EXPECT_EQ(results_text(read_results(file)), results_text(lines));
  keep_results(file, "s", expected, lines);
  EXPECT_EQ(results_text(read_results(file)), results_text(lines));
}

TEST(ResultsFileTest, SaysWhichLineIsWrong) {
  const test::TestFolder folder("mixwright-results");
  const std::string good = line_of("s", "a", "1", 0.25).dump() + "\n";
  const auto refusal = [&](const std::string& text) -> std::string {
    test::write_file(folder / "r.jsonl", text);
    try {
      read_results(folder / "r.jsonl");
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(refusal(good), "");
  EXPECT_THAT(refusal(good + "{\"sweep\": "), HasSubstr("r.jsonl:2: no JSON object"));
  EXPECT_THAT(refusal(good + "[1]\n"), HasSubstr("r.jsonl:2: no JSON object"));
  EXPECT_THAT(refusal("{\"sweep\": 3}"), HasSubstr("r.jsonl:1: has no text \"sweep\""));
  EXPECT_THAT(refusal(R"({"sweep": "s", "row": "a", "config_sha256": "1", "settings": 3})"),
              HasSubstr("no table \"settings\""));
  EXPECT_THAT([&] { read_results(folder / "absent"); },
              testing::ThrowsMessage<UsageError>(HasSubstr("absent: cannot be read")));
}

TEST(ResultLineTest, TheHashIsThatOfWhatChangesResults) {
  const auto hash = [](const std::string& text) {
    return config_hash(config::parse_toml(text, "c.toml"));
  };
  const std::string text = "[data]\nfolder = \"a\"\nsize = 3\n[train]\nlr = 1\nthreads = 1\n";
  const std::string elsewhere =
      "seed = 4\nname = \"n\"\n[data]\nfolder = \"b\"\nsize = 3\n[train]\nlr = 1\nworkers = 2\n";
  EXPECT_EQ(hash(text), hash(elsewhere));
  EXPECT_EQ(hash(text), hash("train = { lr = 1 }\ndata = { size = 3 }\n"));
  EXPECT_EQ(hash("a = [{ c = 2, b = 1 }]"), hash("a = [{ b = 1, c = 2 }]"));
  EXPECT_NE(hash("a = [1, 2]"), hash("a = [2, 1]"));
  EXPECT_NE(hash(text), hash("[data]\nsize = 4\n[train]\nlr = 1\n"));
  EXPECT_EQ(hash(text).size(), 64U);
}

}  // namespace
}  // namespace mixwright::sweep
