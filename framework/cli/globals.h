#pragma once

#include <memory>
#include <string>
#include <vector>

#include "framework/plugin/registry.h"

namespace mixwright::cli {

/// Options that stand before or behind every subcommand, and what commands share.
struct Globals {
  std::vector<std::string> plugin_paths;  ///< --plugin-path, searched first
  bool only_plugin_paths = false;         ///< --only-plugin-path: nothing else is searched
  bool quiet = false;                     ///< --quiet: warnings and errors only
  bool json = false;                      ///< --json: output for programs
  bool backtrace = false;                 ///< --backtrace: where an error was thrown
  std::vector<std::string> command_line;  ///< as the user wrote it
  int exit_code = 0;                      ///< set by a command that failed in its own way

  /// The plugins that the search order finds, `[plugins] path` of a config included; scanned at
  /// the first call.
  std::shared_ptr<plugin::Registry> registry(const std::vector<std::string>& config_paths = {});

  /// Words that make another call of this program search the same plugins.
  std::vector<std::string> plugin_words() const;

 private:
  std::shared_ptr<plugin::Registry> registry_;
};

}  // namespace mixwright::cli
