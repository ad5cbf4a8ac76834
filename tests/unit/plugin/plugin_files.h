#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace mixwright::test {

/// A plugin that the boundary tests build.
inline std::filesystem::path boundary_library(const std::string& name) {
  return std::filesystem::path(MIXWRIGHT_BUILD_DIR) / "tests" / "boundary" / "libraries" /
         ("lib" + name + ".so");
}

inline std::string read_bytes(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in) << file;
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_bytes(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

/// A folder of this test's own, empty at first.
inline std::filesystem::path fresh_folder() {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  const std::filesystem::path folder = std::filesystem::path(MIXWRIGHT_BUILD_DIR) / "tests" /
                                       "unit_plugin_files" / test->test_suite_name() / test->name();
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

}  // namespace mixwright::test
