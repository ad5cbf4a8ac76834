#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "framework/train/figure.h"
#include "framework/train/matrix_table.h"
#include "tests/unit/data/idx_writer.h"

namespace mixwright::train {
namespace {

namespace fs = std::filesystem;
using mixwright::test::TestFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Table confusion_of(const std::vector<std::string>& names) {
  Table table;
  table.title = "Confusion matrix";
  table.columns = {"true class \\ predicted"};
  for (size_t i = 0; i < names.size(); ++i) {
    table.columns.push_back(names[i]);
    std::vector<std::string> row = {names[i]};
    for (size_t j = 0; j < names.size(); ++j) row.push_back(std::to_string(i == j ? 90 : j));
    table.rows.push_back(row);
  }
  return table;
}

std::vector<std::string> numbered_names(size_t count) {
  std::vector<std::string> names;
  for (size_t i = 0; i < count; ++i) names.push_back("class " + std::to_string(i));
  return names;
}

TEST(MatrixTableTest, IsKnownByItsNames) {
  const Table table = confusion_of({"cat", "dog \"x\""});
  const auto matrix = as_matrix(table);
  ASSERT_TRUE(matrix);
  EXPECT_EQ(matrix->row_label, "true class");
  EXPECT_EQ(matrix->column_label, "predicted");
  EXPECT_THAT(matrix->names, ElementsAre("cat", "dog \"x\""));
  EXPECT_THAT(matrix->counts, ElementsAre(ElementsAre(90, 1), ElementsAre(0, 90)));
  EXPECT_EQ(matrix->total(), 181);
  EXPECT_EQ(matrix->on_diagonal(), 180);
  EXPECT_EQ(matrix_stem(*matrix), "confusion");

  Table other = table;
  other.rows[1][0] = "eel";
  EXPECT_FALSE(as_matrix(other));
  other = table;
  other.rows[0][1] = "90 %";
  EXPECT_FALSE(as_matrix(other));
  other = table;
  other.rows[0].pop_back();
  EXPECT_FALSE(as_matrix(other));
  other = table;
  other.rows.pop_back();
  EXPECT_FALSE(as_matrix(other));
  EXPECT_FALSE(as_matrix(Table{}));
}

TEST(MatrixTableTest, NumbersLongNamesOnTheTerminal) {
  EXPECT_EQ(matrix_text(*as_matrix(confusion_of({"a", "b"}))),
            "Confusion matrix: rows are the true class, columns the predicted\n"
            "  true class   a   b\n"
            "  ------------------\n"
            "  a           90   1\n"
            "  b            .  90\n");
  EXPECT_THAT(matrix_text(*as_matrix(confusion_of({"a", "ankle boot"}))),
              HasSubstr("\n   1 ankle boot   .  90\n"));
}

TEST(MatrixTableTest, ShowsTheWorstOfManyNames) {
  const std::string text = matrix_text(*as_matrix(confusion_of(numbered_names(21))));
  EXPECT_THAT(text, HasSubstr("Confusion matrix of 21 names: its largest cells off the diagonal"));
  EXPECT_THAT(text, HasSubstr("class 0      class 20     20      6.67 %"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 13);
}

TEST(MatrixFigureTest, DrawsFewAndManyNames) {
  const TestFolder folder("mixwright-matrix");
  for (const size_t count : {3U, 21U, 61U}) {
    const auto files =
        draw_matrix(*as_matrix(confusion_of(numbered_names(count))), folder / "plots", "m");
    ASSERT_EQ(files.size(), 2U);
    EXPECT_EQ(bytes_of(files[0]).substr(1, 3), "PNG");
    EXPECT_THAT(bytes_of(files[1]), HasSubstr("class 2"));
    EXPECT_THAT(bytes_of(files[1]), HasSubstr("% of the true class"));
    EXPECT_EQ(std::distance(fs::directory_iterator(folder / "plots"), {}), 2);
  }
}

TEST(MatrixFigureTest, DrawsAClassWithoutSamples) {
  const TestFolder folder("mixwright-matrix");
  Table table = confusion_of({"a", "b"});
  table.rows[0] = {"a", "0", "0"};
  EXPECT_THAT(bytes_of(draw_matrix(*as_matrix(table), folder.path(), "m")[1]),
              Not(HasSubstr("nan")));
}

TEST(FigureTest, LeavesThePictureBeforeWhereItFails) {
  const TestFolder folder("mixwright-figure");
  const fs::path file = folder / "a.svg";
  draw_figure({file}, 200, 100, "plot x\n");
  const std::string before = bytes_of(file);
  EXPECT_THAT(before, HasSubstr("<svg"));
  EXPECT_THROW(draw_figure({file}, 200, 100, "plot absent\n"), Error);
  EXPECT_EQ(bytes_of(file), before);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
  EXPECT_THAT([&] { draw_figure({folder / "a.gif"}, 200, 100, "plot x\n"); },
              testing::ThrowsMessage<UsageError>(HasSubstr(".png or .svg expected")));
}

TEST(FigureTest, RemovesWhatWasDrawnByProcessesThatAreNoMore) {
  const TestFolder folder("mixwright-figure");
  const pid_t gone = ::fork();
  if (gone == 0) ::_exit(0);
  ASSERT_EQ(::waitpid(gone, nullptr, 0), gone);
  const std::string process = std::to_string(gone);
  for (const std::string& name : {".curves-" + process + ".png",
                                  ".curves-" + std::to_string(::getpid()) + ".png",
                                  "curves-" + process + ".png",
                                  ".curves-" + process + ".txt",
                                  ".curves-" + process + "x.png"}) {
    std::ofstream(folder / name) << "x";
  }
  remove_unfinished_figures(folder.path());
  EXPECT_FALSE(fs::exists(folder / (".curves-" + process + ".png")));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 4);
  remove_unfinished_figures(folder / "absent");
}

}  // namespace
}  // namespace mixwright::train
