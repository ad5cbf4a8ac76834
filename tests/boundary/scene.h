#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/program.h"
#include "tests/support/refusal.h"

namespace mixwright::test {

/// A folder of plugins, fresh for each test, and the real program that looks into it.
class Scene : public ::testing::Test {
 protected:
  void SetUp() override;

  /// Copies a library of the build into the folder, under another name where one is given.
  std::filesystem::path put(const std::string& library, const std::string& as = {});
  /// Copies the good library with `from` in its bytes replaced by `to`, which is as long.
  std::filesystem::path put_patched(const std::string& from,
                                    const std::string& to,
                                    const std::string& as);
  std::filesystem::path put_text(const std::string& name, const std::string& text);

  /// Runs the program with nothing but the folder to search.
  ProgramResult run(const std::vector<std::string>& arguments) const;
  /// Runs it with its ordinary search, MIXWRIGHT_PLUGIN_PATH being `path`, in `folder`.
  ProgramResult run_searching(const std::vector<std::string>& arguments,
                              const std::string& path,
                              const std::filesystem::path& folder = {}) const;
  /// Runs it with this build's plugins and the folder.
  ProgramResult run_with_plugins(std::vector<std::string> arguments) const;

  /// Writes a config whose only token mixer is `mixer` and gives its path.
  std::filesystem::path config_with(const std::string& mixer) const;

  std::filesystem::path root_;    // of this test
  std::filesystem::path folder_;  // of its plugins
};

}  // namespace mixwright::test
