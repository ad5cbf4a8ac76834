#include "tests/support/refusal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mixwright::test {

void expect_refusal(const ProgramResult& result,
                    int exit_code,
                    const std::vector<std::string>& words) {
  EXPECT_EQ(result.exit_code, exit_code) << result.err << result.out;
  EXPECT_EQ(result.signal, 0);
  std::vector<std::string> lines = result.error_lines();
  std::erase_if(lines, [](const std::string& line) { return !line.starts_with("mixwright: "); });
  ASSERT_EQ(lines.size(), 1u) << result.err;
  for (const std::string& word : words) EXPECT_THAT(lines[0], ::testing::HasSubstr(word));
  for (const char* trace : {"frame #", "Exception raised from", "terminate called", ".cpp:"}) {
    EXPECT_THAT(result.err, ::testing::Not(::testing::HasSubstr(trace)));
  }
}

}  // namespace mixwright::test
