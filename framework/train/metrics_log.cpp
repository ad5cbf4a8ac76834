#include "framework/train/metrics_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <fstream>

#include <spdlog/spdlog.h>

#include <mixwright/error.h>

#include "framework/io/atomic_file.h"
#include "framework/io/text.h"
#include "framework/train/scalars.h"

namespace mixwright::train {

namespace {

using nlohmann::ordered_json;

/// Rewrites the file with the lines up to `step`, unless that is all of it.
void drop_later_lines(const std::filesystem::path& path, int64_t step) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return;
  std::ifstream in(path, std::ios::binary);
  std::string kept;
  std::string line;
  bool all = true;
  while (std::getline(in, line)) {
    const ordered_json entry = ordered_json::parse(line, nullptr, /*allow_exceptions=*/false);
    const bool keep = !in.eof() && entry.is_object() && entry.value("step", step + 1) <= step;
    all = all && keep;
    if (keep) kept += line + "\n";
  }
  if (!all) io::write_text_file_atomically(path, kept);
}

}  // namespace

MetricsLog::MetricsLog(const std::filesystem::path& path, int64_t step)
    : path_(path), first_step_(step + 1) {
  drop_later_lines(path, step);
  file_ = io::FileDescriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!file_.is_open()) {
    throw Error(path.string() + ": cannot be opened for writing (" + io::errno_text(errno) + ")");
  }
}

void MetricsLog::append(const ordered_json& line) {
  const std::string text = line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
  if (const int error = file_.write_all(text); error != 0) {
    throw Error(path_.string() + ": cannot be written (" + io::errno_text(error) + ")");
  }
  if (has_events_) append_events(line);
}

void MetricsLog::append_events(const ordered_json& line) {
  const std::vector<io::Scalar> scalars = scalars_of(line);
  if (scalars.empty()) return;
  try {
    if (!events_) events_.emplace(path_.parent_path(), first_step_);
    events_->add(line.value("step", int64_t{0}), scalars);
  } catch (const Error& error) {
    has_events_ = false;
    spdlog::warn("TensorBoard will not see the rest of this training: {}", error.what());
  }
}

std::vector<ordered_json> MetricsLog::read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    throw UsageError(
        path.string() +
        ": cannot be read; the folder of a training expected, which has metrics.jsonl");
  }
  std::vector<ordered_json> lines;
  std::string text;
  while (std::getline(in, text)) {
    ordered_json line = ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (line.is_object()) lines.push_back(std::move(line));
  }
  return lines;
}

ordered_json MetricsLog::number(double value) {
  if (std::isfinite(value)) return value;
  if (std::isnan(value)) return "nan";
  return value > 0 ? "inf" : "-inf";
}

}  // namespace mixwright::train
