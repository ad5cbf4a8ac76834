#include "framework/sweep/results_file.h"

#include <fstream>
#include <map>

#include <mixwright/error.h>

#include "framework/io/atomic_file.h"
#include "framework/io/text.h"

namespace mixwright::sweep {

namespace fs = std::filesystem;

namespace {

using nlohmann::ordered_json;

constexpr uintmax_t kMostBytes = 256 << 20;

std::string place(const fs::path& file, size_t line) {
  return file.string() + ":" + std::to_string(line) + ": ";
}

/// Texts that every line has to have.
void check_line(const ordered_json& line, const std::string& where) {
  if (!line.is_object()) {
    throw UsageError(where + "no JSON object; a line of a sweep's results expected");
  }
  for (const char* key : {"sweep", "row", "config_sha256"}) {
    if (line.contains(key) && line[key].is_string()) continue;
    throw UsageError(where + "has no text \"" + key + "\"; a line of a sweep's results expected");
  }
  if (line.contains("settings") && line["settings"].is_object()) return;
  throw UsageError(where + "has no table \"settings\"; a line of a sweep's results expected");
}

const ordered_json* find_row(const ResultLines& lines, const ExpectedRow& row) {
  for (const ordered_json& line : lines) {
    if (line["row"] == row.name && line["config_sha256"] == row.config_sha256) return &line;
  }
  return nullptr;
}

}  // namespace

ResultLines read_results(const fs::path& file) {
  std::error_code error;
  const uintmax_t size = fs::file_size(file, error);
  if (error) throw UsageError(file.string() + ": cannot be read (" + error.message() + ")");
  if (size > kMostBytes) {
    throw UsageError(file.string() + ": " + io::grouped(size) + " bytes, at most " +
                     io::grouped(kMostBytes) + " expected of a file of results");
  }
  std::ifstream in(file, std::ios::binary);
  ResultLines lines;
  size_t number = 0;
  for (std::string text; std::getline(in, text);) {
    ++number;
    if (text.empty()) continue;
    lines.push_back(ordered_json::parse(text, nullptr, /*allow_exceptions=*/false));
    check_line(lines.back(), place(file, number));
  }
  return lines;
}

ResultLines merge_results(const ResultLines& before,
                          const std::string& sweep,
                          const std::vector<ExpectedRow>& expected,
                          const ResultLines& now) {
  std::map<std::string, ResultLines> sweeps;
  ResultLines earlier;
  for (const ordered_json& line : before) {
    (line["sweep"] == sweep ? earlier : sweeps[line["sweep"]]).push_back(line);
  }
  for (const ExpectedRow& row : expected) {
    const ordered_json* line = find_row(now, row);
    if (line == nullptr) line = find_row(earlier, row);
    if (line != nullptr) sweeps[sweep].push_back(*line);
  }
  ResultLines all;
  for (const auto& [name, lines] : sweeps) all.insert(all.end(), lines.begin(), lines.end());
  return all;
}

std::string results_text(const ResultLines& lines) {
  std::string text;
  for (const ordered_json& line : lines) {
    text += line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
  }
  return text;
}

void keep_results(const fs::path& file,
                  const std::string& sweep,
                  const std::vector<ExpectedRow>& expected,
                  const ResultLines& now) {
  std::error_code error;
  const ResultLines before = fs::exists(file, error) ? read_results(file) : ResultLines();
  if (!file.parent_path().empty()) fs::create_directories(file.parent_path(), error);
  io::write_text_file_atomically(file, results_text(merge_results(before, sweep, expected, now)));
}

}  // namespace mixwright::sweep
