#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace mixwright::test {

/// The project's own Python, and whether it is there and has the modules asked for.
struct Python {
  std::filesystem::path source;   ///< the root of the source tree
  std::filesystem::path program;  ///< its interpreter
  bool usable = false;

  /// `program 'SOURCE/script'` for a shell.
  std::string command(const std::string& script) const {
    return "'" + program.string() + "' '" + (source / script).string() + "'";
  }
};

inline Python python_with(const std::vector<std::string>& modules) {
  const char* from_environment = std::getenv("MIXWRIGHT_SOURCE_DIR");
  Python python;
  python.source = from_environment != nullptr ? from_environment : MIXWRIGHT_SOURCE_DIR;
  python.program = python.source / ".venv/bin/python";
  std::string probe = "'" + python.program.string() +
                      "' -c 'from importlib.util import find_spec as find; exit(not (True";
  for (const std::string& module : modules) probe += " and find(\"" + module + "\")";
  // A module inside a package that is missing is an exception, which is a no as well.
  python.usable = std::filesystem::exists(python.program) &&
                  std::system((probe + "))' 2>/dev/null").c_str()) == 0;
  return python;
}

}  // namespace mixwright::test
