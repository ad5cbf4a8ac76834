#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace mixwright::sweep {

/// A line for each finished row; see result_line.
using ResultLines = std::vector<nlohmann::ordered_json>;

/// A row that a file of results may hold.
struct ExpectedRow {
  std::string name;
  std::string config_sha256;
};

/// Reads a file of results.
/// Throws: UsageError with file and line where it cannot be read or a line is no row of a sweep.
ResultLines read_results(const std::filesystem::path& file);

/// The lines of `sweep` in the order of `expected`: of each row the one in `now`, else the one that
/// `before` has of the same config, so that no row stands twice and none from another config stays.
/// Lines of other sweeps stay as they are; sweeps follow one another by their names.
ResultLines merge_results(const ResultLines& before,
                          const std::string& sweep,
                          const std::vector<ExpectedRow>& expected,
                          const ResultLines& now);

/// The file's text.
std::string results_text(const ResultLines& lines);

/// Lays rows over a file of results, which is replaced as a whole; it may be missing yet.
/// Throws: as read_results and io::AtomicFile.
void keep_results(const std::filesystem::path& file,
                  const std::string& sweep,
                  const std::vector<ExpectedRow>& expected,
                  const ResultLines& now);

}  // namespace mixwright::sweep
