#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "framework/io/child_process.h"
#include "framework/io/file_descriptor.h"

namespace mixwright::bench {

/// A program that answers requests through pipes, a line of JSON each, until its input ends.
///
/// An answer is an object; one with `error` is a refusal. What the program says on standard error
/// goes to the file `messages`.
/// Owner: whoever holds it; when it goes, the program and what it started get SIGTERM.
class AnsweringProcess {
 public:
  /// Throws: mixwright::Error where it cannot be started.
  AnsweringProcess(const std::string& program,
                   const std::vector<std::string>& arguments,
                   const std::filesystem::path& messages);
  AnsweringProcess(const AnsweringProcess&) = delete;
  AnsweringProcess& operator=(const AnsweringProcess&) = delete;
  ~AnsweringProcess();

  /// Throws: mixwright::Error of one line where it refuses, ends, says what is no answer, or takes
  /// longer than `longest`; where a signal asks this program to stop, too, for which
  /// train::stop_signal() is to be looked at.
  nlohmann::json ask(const nlohmann::json& request, std::chrono::seconds longest);

 private:
  std::string next_line(std::chrono::steady_clock::time_point end);
  [[noreturn]] void report_end();

  std::filesystem::path messages_;
  io::FileDescriptor requests_;
  io::FileDescriptor answers_;
  std::unique_ptr<io::ChildProcess> process_;
  std::string received_;  // of answers, not yet a line
};

}  // namespace mixwright::bench
