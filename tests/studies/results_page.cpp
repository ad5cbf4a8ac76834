#include "tests/studies/results_page.h"

#include <algorithm>
#include <set>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <mixwright/error.h>

#include "framework/plugin/sha256.h"
#include "framework/sweep/results_figure.h"
#include "framework/sweep/results_table.h"
#include "framework/sweep/sweep_file.h"
#include "framework/train/text_table.h"

namespace mixwright {

namespace {

namespace fs = std::filesystem;

constexpr const char* kBegin = "<!-- results: ";
constexpr const char* kHeadEnd = " -->\n";
constexpr const char* kEnd = "<!-- end of results -->";

struct ShownStudy {
  sweep::Sweep sweep;
  sweep::ResultLines lines;
};

ShownStudy read_study(const std::string& name) {
  const fs::path file = fs::path(MIXWRIGHT_SOURCE_DIR) / "configs" / "studies" / (name + ".toml");
  ShownStudy study{sweep::read_sweep(file.string()), {}};
  if (study.sweep.results.empty()) throw UsageError(file.string() + ": says no results = \"…\"");
  for (auto& line : sweep::read_results(study.sweep.results)) {
    if (line["sweep"] == study.sweep.name) study.lines.push_back(std::move(line));
  }
  if (study.lines.empty()) throw UsageError(study.sweep.results + ": holds no row of " + name);
  return study;
}

/// Every text that lines say under a key, `1 and 2`.
std::string texts_at(const sweep::ResultLines& lines, const std::string& key) {
  std::set<std::string> texts;
  for (const auto& line : lines) texts.insert(sweep::text_at(line, key));
  return fmt::format("{}", fmt::join(texts, " and "));
}

/// Groups of which seeds are missing, with how many.
std::vector<std::string> missing_rows(const ShownStudy& study) {
  std::vector<std::string> missing;
  for (const sweep::Row& row : study.sweep.rows) {
    const bool there = std::any_of(study.lines.begin(), study.lines.end(), [&](const auto& line) {
      return line["row"] == row.name;
    });
    if (!there) missing.push_back("`" + row.name + "`");
  }
  return missing;
}

std::string facts_of(const ShownStudy& study, const std::string& name) {
  const std::vector<std::string> missing = missing_rows(study);
  std::string text = fmt::format(
      "{} of {} rows of `configs/studies/{}.toml` ([data](results/{})), products in {}, on {} with "
      "{} thread(s) of {}, LibTorch {}.",
      study.lines.size(),
      study.sweep.rows.size(),
      name,
      fs::path(study.sweep.results).filename().string(),
      texts_at(study.lines, "precision"),
      texts_at(study.lines, "device"),
      texts_at(study.lines, "threads"),
      texts_at(study.lines, "processor"),
      texts_at(study.lines, "libtorch"));
  constexpr size_t kMostNamed = 8;
  if (missing.empty()) return text + "\n";
  if (missing.size() > kMostNamed) {
    return text + fmt::format(" {} rows are not trained yet.\n", missing.size());
  }
  return text + fmt::format(" Not trained yet: {}.\n", fmt::join(missing, ", "));
}

/// A long one is folded, so that the figures are seen.
std::string table_of(const ShownStudy& study) {
  const bool compared = std::any_of(study.lines.begin(), study.lines.end(), [&](const auto& line) {
    return sweep::text_at(line, "row") == study.sweep.against;
  });
  const Table table = sweep::results_table(study.lines, compared ? study.sweep.against : "");
  std::vector<std::vector<std::string>> rows = {table.columns};
  rows.insert(rows.end(), table.rows.begin(), table.rows.end());
  std::string text = train::markdown_table(rows);
  constexpr size_t kMostUnfolded = 40;
  if (table.rows.size() <= kMostUnfolded) return text;
  return fmt::format("<details>\n<summary>Table of {} rows</summary>\n\n{}\n</details>\n",
                     table.rows.size(),
                     text);
}

std::string figure_text(const sweep::FigureOptions& figure, const ShownStudy& study) {
  const sweep::Drawing drawing = sweep::drawing_of(figure, study.lines);
  plugin::Sha256 hash;
  hash.add(drawing.script.data(), drawing.script.size());
  return fmt::format("![{}](pictures/studies/{}.png)\n<!-- drawn from {} -->\n",
                     figure.title.empty() ? figure.name : figure.title,
                     figure.name,
                     hash.hex());
}

std::string section_of(const std::string& name) {
  const ShownStudy study = read_study(name);
  std::string text = "\n" + facts_of(study, name) + "\n" + table_of(study);
  for (const sweep::FigureOptions& figure : study.sweep.figures) {
    text += "\n" + figure_text(figure, study);
  }
  return text + "\n";
}

/// Calls `section` with the name and the place of each: behind its head, before its end.
template <class Visitor>
void for_each_section(const std::string& page, const Visitor& section) {
  size_t at = 0;
  while ((at = page.find(kBegin, at)) != std::string::npos) {
    const size_t name = at + std::string(kBegin).size();
    const size_t head_end = page.find(kHeadEnd, name);
    const size_t end = page.find(kEnd, at);
    if (head_end == std::string::npos || end == std::string::npos || head_end > end) {
      throw UsageError("a section of results has no end: " + page.substr(at, 60));
    }
    section(page.substr(name, head_end - name), head_end + std::string(kHeadEnd).size(), end);
    at = end;
  }
}

}  // namespace

std::vector<std::string> sections_of(const std::string& page) {
  std::vector<std::string> names;
  for_each_section(page, [&](const std::string& name, size_t, size_t) { names.push_back(name); });
  return names;
}

std::string results_page(const std::string& page) {
  std::string made;
  size_t copied = 0;
  for_each_section(page, [&](const std::string& name, size_t begin, size_t end) {
    made += page.substr(copied, begin - copied) + section_of(name);
    copied = end;
  });
  return made + page.substr(copied);
}

void draw_result_pictures(const std::vector<std::string>& studies, const fs::path& docs) {
  for (const std::string& name : studies) {
    const ShownStudy study = read_study(name);
    for (const sweep::FigureOptions& figure : study.sweep.figures) {
      sweep::draw_results(figure, study.lines, docs / "pictures" / "studies");
    }
  }
}

}  // namespace mixwright
