#include "framework/sweep/latency.h"

#include <fstream>

#include <spdlog/spdlog.h>

#include <mixwright/error.h>

#include "framework/io/child_process.h"

namespace mixwright::sweep {

namespace fs = std::filesystem;

namespace {

using nlohmann::ordered_json;

/// The milliseconds in what a bench wrote; null where there are none.
ordered_json read_milliseconds(const fs::path& file) {
  std::ifstream in(file);
  const ordered_json bench = ordered_json::parse(in, nullptr, /*allow_exceptions=*/false);
  const ordered_json::json_pointer place("/contests/0/sides/0/milliseconds");
  if (!bench.is_object() || !bench.contains(place)) return nullptr;
  return bench.at(place);
}

void measure(const Row& row, const fs::path& file, const std::vector<std::string>& more_words) {
  std::vector<std::string> words = {"bench", row.config};
  for (const char* word : {"--against", "none", "--batch", "1", "--threads", "1", "--json"}) {
    words.emplace_back(word);
  }
  for (const std::string& set : row.sets) words.insert(words.end(), {"--set", set});
  words.insert(words.end(), more_words.begin(), more_words.end());
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  fs::path unfinished = file;
  unfinished += ".part";
  fs::path log = file;
  log += ".log";
  io::ChildOptions child;
  child.messages = unfinished;
  child.errors = log;
  const int code = io::ChildProcess(io::own_program().string(), words, child).wait();
  if (code != 0) throw Error(io::last_line(log));
  fs::rename(unfinished, file, error);
  if (error) throw Error(file.string() + ": cannot be written (" + error.message() + ")");
}

}  // namespace

ordered_json latency_of(const Row& row,
                        const fs::path& folder,
                        const std::vector<std::string>& more_words) {
  const fs::path file = folder / "latency" / (row.name + ".json");
  ordered_json known = read_milliseconds(file);
  if (!known.is_null()) return known;
  try {
    measure(row, file, more_words);
  } catch (const Error& error) {
    spdlog::warn("{}: its latency is not known: {}", row.name, error.what());
  }
  return read_milliseconds(file);
}

}  // namespace mixwright::sweep
