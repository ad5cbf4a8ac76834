#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace mixwright::test {

/// What a program did.
struct ProgramResult {
  int exit_code = -1;  ///< -1: a signal ended it
  int signal = 0;
  std::string out;
  std::string err;

  /// Lines of standard error.
  std::vector<std::string> error_lines() const;
};

struct ProgramOptions {
  std::map<std::string, std::string> environment;  ///< set beside what the test has; "" unsets
  std::filesystem::path folder;                    ///< where it runs; empty: where the test does
};

/// Runs a program in a process of its own until it ends; it is killed when the test dies.
ProgramResult run_program(const std::filesystem::path& program,
                          const std::vector<std::string>& arguments,
                          const ProgramOptions& options = {});

}  // namespace mixwright::test
