#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include <mixwright/conformance.h>

namespace mixwright::cli {

/// Of the plugin as a whole, beside which its components count from 0.
constexpr int kPluginItself = -1;

const char* outcome_name(conformance::Outcome outcome);
nlohmann::ordered_json check_json(const conformance::Check& check);
conformance::Check check_of(const nlohmann::ordered_json& json);

/// What the process that runs a plugin's checks leaves behind, a line of JSON for each thing that
/// begins or ends. Each line is with the system before the next thing begins, so that a crash
/// leaves all that came before it.
class CheckRecords {
 public:
  explicit CheckRecords(const std::filesystem::path& file) : out_(file, std::ios::app) {}

  void start(int component, const std::string& check);
  void end(int component, const conformance::Check& check);
  void refused(const std::string& why);  ///< the library cannot be loaded
  void finished();

 private:
  void write(const nlohmann::ordered_json& line);

  std::ofstream out_;
};

/// Reads them while they are being written.
class CheckRecordReader {
 public:
  explicit CheckRecordReader(std::filesystem::path file) : file_(std::move(file)) {}
  /// The next whole line, or "nothing" where there is none yet.
  nlohmann::ordered_json next();

 private:
  std::filesystem::path file_;
  std::streamoff position_ = 0;
};

}  // namespace mixwright::cli
